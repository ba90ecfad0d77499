"""What is wrong with reports: letters, silence, what an annual report lacks.

Schedule 1, paragraph 1 of the Education (Pupil Information) (England) Regulations 2005
binds maintained schools; an academy's funding agreement says what it must report.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.problems import Problem
from generator.reports.document import Document, ReportContext
from generator.reports.pupil_facts import PupilFacts

ATTENDANCE_UNTIL = 11  # the last year of compulsory school age
LAW = "Schedule 1, paragraph 1({paragraph})"
NAMED = 10  # admission numbers in one message


def content_problems(
    pupils: Sequence[PupilFacts], context: ReportContext
) -> list[Problem]:
    """Pupils without anything to report, and what annual reports lack."""
    silent = [pupil for pupil in pupils if not pupil.answered]
    found = []
    if silent:
        code = context.collection.code
        found.append(Problem(
            file=f"reports/{code}", adno=_named(silent), code="nothing-to-report",
            value=str(len(silent)),
            what=f"No subject has reported on {_count(silent)} in {code}; the reports "
            "say so.",
            do=f"Collect the marks (markbook chase {code}), then write them again.",
        ))  # fmt: skip
    if context.collection.code in context.settings.statutory:
        found += _incomplete(pupils, context)
    return found


def _incomplete(pupils: Sequence[PupilFacts], context: ReportContext) -> list[Problem]:
    asks = context.collection.asks
    lacking = [
        ("a", "a subject without a comment",
         [pupil for pupil in pupils if _lacks_particulars(pupil)],
         "Ask for comments in this collection, and chase those that are missing."),
        ("b", "no comment on general progress",
         [pupil for pupil in pupils if not pupil.comments],
         "Add the tutor's comment on a page of your own."),
        ("d", "no attendance record (possible sessions and unauthorised absence)",
         [pupil for pupil in pupils
          if pupil.year <= ATTENDANCE_UNTIL
          and (pupil.attendance is None or not pupil.attendance.possible)],
         "Import the totals of the MIS: possible, attended, authorised, unauthorised."),
    ]  # fmt: skip
    if "comment" not in asks and "ways" not in asks:
        lacking[0] = ("a", "no comment in any subject", list(pupils), lacking[0][3])
    if not context.settings.discuss:
        lacking.append(("c", "no word on how to discuss the report", list(pupils),
                        "Write `discuss` below [reports] in school.toml."))  # fmt: skip
    code = context.collection.code
    return [
        Problem(
            file=f"reports/{code}", adno=_named(who), code="annual-report-incomplete",
            value=LAW.format(paragraph=paragraph),
            what=f"The annual report of {_count(who)} has {what} "
            f"({LAW.format(paragraph=paragraph)}).",
            do=do,
        )
        for paragraph, what, who, do in sorted(lacking, key=lambda row: row[0])
        if who
    ]  # fmt: skip


def _lacks_particulars(pupil: PupilFacts) -> bool:
    """Whether a subject has no words of its teacher: neither comment nor way."""
    return any(not (s.comment or s.ways) for s in pupil.subjects) or not pupil.subjects


def _count(pupils: Sequence[PupilFacts]) -> str:
    return "1 pupil" if len(pupils) == 1 else f"{len(pupils):,} pupils"


def _named(pupils: Sequence[PupilFacts]) -> str:
    more = [f"and {len(pupils) - NAMED} more"] if len(pupils) > NAMED else []
    return ", ".join([*(pupil.adno for pupil in pupils[:NAMED]), *more])


def letter_problem(document: Document, lacking: Sequence[str]) -> Problem:
    """A document has letters that the font lacks, and is not written."""
    pupil = document.pupils[0]
    letters = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in lacking)
    return Problem(
        file=document.file, adno=pupil.adno, code="no-such-letter", value=letters,
        what=f"The font of reports lacks {letters}; the {document.kind} document of "
        f"{pupil.adno} was not written.",
        do="Change it where it comes from: the name in the MIS, or the comment.",
    )  # fmt: skip


def control_problem(document: Document) -> Problem:
    """Characters of a document are left out."""
    pupil = document.pupils[0]
    return Problem(
        file=document.file, adno=pupil.adno, severity="warning",
        code="control-character",
        what=f"Characters that cannot be printed were left out for {pupil.adno}.",
        do="Look at the report, and correct the text where it comes from.",
    )  # fmt: skip


def refusal_problem(document: Document, file: str, refusal: str) -> Problem:
    """The engine refused a document."""
    return Problem(
        file=file, adno=document.pupils[0].adno if document.personal else "",
        code="not-printed", what=refusal,
        do="Look for what is unusual in its texts, and report it.",
    )  # fmt: skip
