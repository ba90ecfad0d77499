"""What senior leaders, mentors and heads of year read, counted again with loops."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean

import pytest

from generator.school import School
from tests.generator.packs.looking import Row, names_of, page, read, table, taught

REACHED = ("above", "on")
TODAY = "2027-07-05"


def level(grade: str) -> float | None:
    """Whole grades: `5` is 5, `5-4` is 4.5, U is 0; a code is none."""
    if grade == "U":
        return 0.0
    parts = grade.split("-")
    if not all(part.isdigit() for part in parts):
        return None
    return sum(int(part) for part in parts) / len(parts)


def marks_here(school: School) -> list[Row]:
    """The marks of the last collection, of the pupils who are still at school."""
    gone = {pupil["adno"] for pupil in read(school, "pupils")
            if pupil["left"] and pupil["left"] <= TODAY}  # fmt: skip
    return [row for row in read(school, "marks-C5") if row["adno"] not in gone]


@pytest.mark.parametrize(
    ("sheet", "by"),
    [("Subjects", ("Subject",)), ("Class by class", ("Class", "Subject")),
     ("Teachers", ("Teacher", "Subject"))],
)  # fmt: skip
def test_patterns_stand_beside_counts_that_anybody_reckons(
    counted: School, sheet: str, by: tuple[str, ...]
) -> None:
    names = names_of(counted)
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in marks_here(counted):  # each pupil once in each subject
        lead = names[row["teacher"].split(";")[0]]
        here = {"Subject": row["subject"], "Class": row["class"], "Teacher": lead}
        groups[tuple(here[name] for name in by)].append(row)
    shown = table(page(counted, "leadership", sheet, "C5"), "Against similar")
    assert {tuple(row[name] for name in by) for row in shown} == set(groups)
    for row in shown:
        mine = groups[tuple(row[name] for name in by)]
        flagged = [one for one in mine if one["flag"] not in ("", "no data")]
        reached = sum(one["flag"] in REACHED for one in flagged)
        gaps = [one - two for one, two in
                ((level(r["prediction"]), level(r["target"])) for r in flagged)
                if one is not None and two is not None]  # fmt: skip
        assert row["Pupils"] == len(mine)
        assert row["With data"] == len(flagged)
        if flagged:
            assert row["On or above"] == pytest.approx(reached / len(flagged))
        if gaps:
            assert row["Mean gap"] == pytest.approx(fmean(gaps))


def test_the_lines_of_the_funnel_are_what_chance_does_to_such_a_class(
    counted: School,
) -> None:
    sheet = page(counted, "leadership", "Funnel", "C5")
    classes = table(page(counted, "leadership", "Class by class", "C5"), "Drawn in")
    compared = [row for row in classes if row["n"]]
    # One spread of pupils stands behind every class's interval.
    spreads = [(row["to"] - row["from"]) / 2 / 1.96 * math.sqrt(row["n"])
               for row in compared]  # fmt: skip
    assert spreads == pytest.approx([spreads[0]] * len(spreads))
    lines = table(sheet, "Pupils")
    assert lines[-1]["Pupils"] == max(row["n"] for row in compared)
    for line in lines:
        n, inner, *rest = line.values()
        error = spreads[0] / math.sqrt(n)
        wanted = [-1.96 * error, 1.96 * error, -3.09 * error, 3.09 * error]
        assert [inner, *rest] == pytest.approx(wanted)
    shown = {(row["Class"], row["Subject"]): row for row in table(sheet, "Teacher")}
    assert len(shown) == len(compared)  # a class with two subjects is told apart
    for row in compared:
        dot = shown[row["Class"], row["Subject"]]
        assert dot["n"] == row["n"]
        assert dot["Against similar"] == pytest.approx(row["Against similar"])


def test_candidates_for_7_to_9_are_those_of_the_marks(counted: School) -> None:
    high: dict[str, int] = defaultdict(int)
    nearly: dict[str, int] = defaultdict(int)
    for row in marks_here(counted):
        one, two = level(row["prediction"]), level(row["target"])
        if row["year"] not in ("10", "11") or one is None:
            continue
        if one >= 7:
            high[row["adno"]] += 1
        elif one >= 6 or (two or 0) >= 7:
            nearly[row["adno"]] += 1
    sheet = page(counted, "target-groups", "7 to 9", "C5")
    shown = {row["Adno"]: row for row in table(sheet, "7+ in")}
    assert set(shown) == set(high) | set(nearly)
    for adno, row in shown.items():
        assert (row["7+ in"], row["Nearly in"]) == (high[adno], nearly[adno])
        for heading in ("Predicted 7 or more", "Nearly"):
            told = (row[heading] or "").split(", ") if row[heading] else []
            assert len(told) == (high if heading != "Nearly" else nearly)[adno]


@pytest.mark.parametrize("year", [7, 10])
def test_a_journey_is_the_years_last_marks(counted: School, year: int) -> None:
    names = names_of(counted)
    pupils = {row["adno"]: row for row in read(counted, "pupils")}
    lines: dict[tuple[str, str], Row] = {}
    for row in taught(counted, "C5"):
        if pupils[row["adno"]]["year"] == str(year):
            lines.setdefault((row["adno"], row["subject"]), row)
    shown = table(page(counted, f"journey-Year {year}", "Journey", "C5"), "KS2 maths")
    assert len(shown) == len(lines)
    keys = ("Surname", "Forename", "Reg", "Subject", "KS2 reading", "KS2 maths",
            "2026/27 prediction", "Flag")  # fmt: skip
    wanted = [
        (pupil["surname"], pupil["forename"], pupil["reg"], subject,
         pupil["ks2_reading"], pupil["ks2_maths"], row["prediction"],
         "" if row["flag"] == "no data" else row["flag"].capitalize())
        for (adno, subject), row in lines.items()
        for pupil in [pupils[adno]]
    ]  # fmt: skip
    found = [tuple(str(row[key] or "") for key in keys) for row in shown]
    assert sorted(found) == sorted(wanted)
    for row in shown:
        for name in (row["2026/27 teacher"] or "no teacher").split(", "):
            assert name in names.values()


def test_attainment_8_of_each_pupil_is_added_up_by_hand(counted: School) -> None:
    """Where every subject of a pupil is one of the plain GCSEs, ten slots by hand."""
    subjects: dict[str, dict[str, str]] = defaultdict(dict)
    for row in marks_here(counted):
        if row["year"] in ("10", "11"):
            subjects[row["adno"]][row["subject"]] = row["prediction"]
    shown = {row["Adno"]: row for row in
             table(page(counted, "target-groups", "Two grades", "C5"), "First adds")
             }  # fmt: skip
    done = 0
    for adno, grades in subjects.items():
        if shown[adno]["Note"] or not set(grades) <= KNOWN:
            continue
        assert shown[adno]["Attainment 8"] == pytest.approx(by_hand(grades)), grades
        done += 1
    assert done > 10


EBACC = ("Computer Science", "Geography", "History", "French", "Spanish", "German")
OTHER = ("Art", "Business", "D&T", "Drama", "Food Preparation and Nutrition", "Music",
         "PE", "RE", "Religious Studies", "Media Studies", "Sociology")  # fmt: skip
PLAIN = ("Maths", "English Language", "English Literature", "Combined Science")
KNOWN = {*EBACC, *OTHER, *PLAIN}


def by_hand(grades: dict[str, str]) -> float:
    """Attainment 8 of one pupil: English and maths twice, three EBacc, three open."""
    points = {name: level(grade) or 0.0 for name, grade in grades.items()}
    english = sorted(
        points.get(f"English {n}", 0.0) for n in ("Language", "Literature")
    )
    total = 2 * points.get("Maths", 0.0) + 2 * english[1]
    baccalaureate = [points[name] for name in EBACC if name in points]
    baccalaureate += [points["Combined Science"]] * 2 * ("Combined Science" in points)
    baccalaureate.sort(reverse=True)
    left = baccalaureate[3:] + [points[name] for name in OTHER if name in points]
    left.append(english[0])
    return total + sum(baccalaureate[:3]) + sum(sorted(left, reverse=True)[:3])


def test_what_could_fill_a_weak_slot_is_another_subject(counted: School) -> None:
    shown = table(page(counted, "target-groups", "Attainment 8 slots", "C5"), "Slot")
    taken: dict[str, set[str]] = defaultdict(set)
    for row in marks_here(counted):
        taken[row["adno"]].add(f"{row['subject']} {row['prediction']}")
    assert any(row["Could fill it"] for row in shown)
    for row in shown:
        could = set((row["Could fill it"] or "").split(", ")) - {""}
        assert row["Filled by"] not in could
        assert could <= taken[row["Adno"]]
        if row["State"] == "weak":
            assert row["Filled by"] in taken[row["Adno"]]


def test_the_sentence_above_teachers_names_the_subject_too(counted: School) -> None:
    for sheet, by in (("Teachers", "Teacher"), ("Class by class", "Class")):
        here = page(counted, "leadership", sheet, "C5")
        held = [f"{row[by]} {row['Subject']} (" for row in table(here, "Drawn in")
                if (row["Note"] or "").endswith("beyond chance")]  # fmt: skip
        told = str(here["A4"].value)
        assert len(held) > 12 or all(name in told for name in held)
