"""Whatever stands around subjects in a list, only results are stored."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.mis.results.subject_titles import SubjectTitles
from udfs.tables import standard

SUBJECTS = ("Mathematics", "French", "History", "Religious Studies", "English Language")
PLAIN = tuple(";AQA;GCSE;GCSE (9-1);Pearson Edexcel;Level 1/Level 2".split(";"))
OTHER = tuple(
    "Predicted|Forecast|Mock|Mock Exam|Target|Working at|Rank|Mark|%|Effort|Paper 2|TAG"
    "|CAG|PPE|Short Course|Component 1|Unit 3|AS Level|Entry Level|FSMQ|NEA|Class"
    "|Functional Skills|Coursework|Teacher Assessed Grade|FFT50|Minimum Expected|Points"
    "|Residual|Speaking|Step Up|Attitude to Learning|zyx|Autumn Term|Estimated".split(
        "|"
    )
)
TITLES = SubjectTitles(standard(), SUBJECTS)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    subject=st.sampled_from(SUBJECTS),
    board=st.sampled_from(PLAIN),
    other=st.sampled_from(OTHER),
    shape=st.sampled_from(
        ("{b} {s} ({o})", "{s} - {o}", "{o} {b} {s}", "{s}: {o}", "{s} [{o}] {b}",
         "{s} {b} {o}", "{o}: {s}", "{s}_{o}")
    ),
    case=st.sampled_from((str, str.upper, str.lower)),
)  # fmt: skip
def test_a_subject_with_another_word_is_never_its_result(
    subject, board, other, shape, case
):
    title = case(" ".join(shape.format(b=board, s=subject, o=other).split()))
    assert TITLES.read(title).subject == "", title


@given(
    subject=st.sampled_from(SUBJECTS), board=st.sampled_from(PLAIN),
    shape=st.sampled_from(("{b} {s}", "{s} ({b})", "{s} - {b}", "{s}: {b}")),
)  # fmt: skip
def test_a_subject_with_known_decoration_is_its_result(subject, board, shape):
    title = " ".join(shape.format(b=board, s=subject).split()).strip(" -:")
    assert TITLES.read(title.replace("()", "")).subject == subject, title
