from __future__ import annotations

import pytest

from udfs.scales.subjects import BASELINES, SLOTS
from udfs.tables import standard

TABLES = standard()

# The subjects of a real-shaped school, with their national table and scale.
SCHOOL = {
    "Art and Design": ("Art and Design", "gcse"),
    "Biology": ("Biology", "gcse"),
    "Business": ("Business", "gcse"),
    "Chemistry": ("Chemistry", "gcse"),
    "Combined Science": ("Combined Science", "combined_science"),
    "Computer Science": ("Computer Science", "gcse"),
    "Design and Technology": ("Design and Technology", "gcse"),
    "Digital Information Technology": ("", "level12"),
    "Drama": ("Drama", "gcse"),
    "English": ("English Language", "gcse"),
    "Food Preparation and Nutrition": ("Food Preparation and Nutrition", "gcse"),
    "French": ("French", "gcse"),
    "Geography": ("Geography", "gcse"),
    "Health and Social Care": ("", "level12"),
    "History": ("History", "gcse"),
    "Mathematics": ("Mathematics", "gcse"),
    "Music": ("Music", "gcse"),
    "Physical Education": ("Physical Education", "gcse"),
    "Physics": ("Physics", "gcse"),
    "Religious Studies": ("Religious Studies", "gcse"),
    "Science": ("Combined Science", "combined_science"),
    "Spanish": ("Spanish", "gcse"),
}


@pytest.mark.parametrize("name", SCHOOL)
def test_a_school_needs_no_settings_for_the_usual_subjects(name):
    subject = TABLES.subject(name)
    assert subject.recognised
    assert (subject.national, subject.scale) == SCHOOL[name]


@pytest.mark.parametrize(
    ("question", "national"),
    [
        ("Maths", "Mathematics"),
        ("MATHS", "Mathematics"),
        ("GCSE Maths (9-1)", "Mathematics"),
        ("English Lang", "English Language"),
        ("Eng Lit", "English Literature"),
        ("KS3 English", "English Language"),
        ("RE", "Religious Studies"),
        ("RS", "Religious Studies"),
        ("R.E.", "Religious Studies"),
        ("RE & Philosophy", "Religious Studies"),
        ("Philosophy and Ethics", "Religious Studies"),
        ("PE", "Physical Education"),
        ("GCSE PE", "Physical Education"),
        ("D&T", "Design and Technology"),
        ("Design & Technology", "Design and Technology"),
        ("Food Tech", "Food Preparation and Nutrition"),
        ("Geog", "Geography"),
        ("Computing", "Computer Science"),
        ("Trilogy", "Combined Science"),
        ("Urdu", "Other Modern Languages"),
        ("IT", ""),
    ],
)
def test_a_subject_is_recognised_by_its_synonyms_and_keeps_its_own_name(
    question, national
):
    subject = TABLES.subject(question)
    assert (subject.recognised, subject.name, subject.national) == (
        True,
        question,
        national,
    )


def test_an_unknown_subject_is_graded_9_to_1_and_counts_in_the_open_slots():
    subject = TABLES.subject("Underwater Basket Weaving")
    assert not subject.recognised
    assert (subject.name, subject.department) == ("Underwater Basket Weaving",) * 2
    assert (subject.national, subject.scale, subject.slot) == ("", "gcse", "open")


def test_a_class_in_both_englishes_covers_two_subjects():
    both = TABLES.subject("English (Language and Literature)")
    assert both.covers == ("English Language", "English Literature")
    assert both.department == "English"


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        ("English", "reading"),
        ("English Language", "reading"),
        ("English Literature", "reading"),
        ("Mathematics", "maths"),
        ("Combined Science", "both"),
        ("French", "both"),
        ("History", "both"),
        ("Music", "both"),
    ],
)
def test_reading_leads_to_english_and_maths_to_mathematics(name, baseline):
    assert TABLES.subject(name).baseline == baseline


def test_exactly_the_practical_subjects_wait_for_their_department():
    practical = {subject.name for subject in TABLES.subjects if subject.practical}
    assert practical == {
        "Art and Design",
        "Drama",
        "Music",
        "Physical Education",
        "Design and Technology",
        "Food Preparation and Nutrition",
    }


@pytest.mark.parametrize(
    ("name", "before"),
    [("Combined Science", "Science"), ("English Language", "English")],
)
def test_a_gcse_follows_its_key_stage_3_subject(name, before):
    assert TABLES.subject(name).follows == before


def test_two_names_of_one_subject_are_the_same_and_two_subjects_are_not():
    assert TABLES.is_same_subject("Maths", "Mathematics")
    assert TABLES.is_same_subject("Weaving", "weaving")
    assert not TABLES.is_same_subject("English", "English Language")
    assert not TABLES.is_same_subject("Weaving", "Knitting")


@pytest.mark.parametrize("subject", TABLES.subjects, ids=lambda s: s.name)
def test_every_subject_of_the_standard_tables_can_be_used(subject):
    assert subject.scale in TABLES.scales
    assert subject.baseline in BASELINES
    assert subject.slot in SLOTS
    assert subject.department
    assert subject.size in (1, 2)
    for other in (*subject.covers, *filter(None, [subject.follows])):
        assert TABLES.subject(other).recognised
    if subject.national:
        figures = TABLES.transition_matrix(subject.national)
        assert figures is not None
        assert figures.fits(TABLES.scale(subject.scale))


def test_every_national_table_belongs_to_a_subject():
    named = {subject.national for subject in TABLES.subjects}
    assert {result.subject for result in TABLES.national_counts.values()} <= named


def test_no_name_leads_to_two_subjects():
    from udfs.scales.subjects import subject_key

    names: dict[str, str] = {}
    for subject in TABLES.subjects:
        for name in (subject.name, *subject.synonyms):
            assert names.setdefault(subject_key(name), subject.name) == subject.name, (
                name
            )
