"""Interventions in the packs: whether they worked, and how what ends one comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from generator.packs.wording import signed_grades
from generator.school.school import School
from generator.store import interventions, schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import (
    exported,
    page,
    table,
    text,
    whole,
    write_kinds,
)
from tests.generator.packs.sample_school import adno
from tests.generator.packs.test_import_returned import collect, fill
from tests.udfs.measures.test_intervention_effects import by_hand

# Pupil -> subject: every third pupil of mathematics, and two across all subjects.
HELPED = {**{n: "Mathematics" for n in (*range(1, 17, 3), 22, 25, 30)}, 2: "", 23: ""}
OPENED = {"SUM": "2026-06-20", "AUT": "2026-11-02"}


def enter(store: Store, rows: dict[int, str], *, since: str = "2026-09-15") -> None:
    with store.begin() as connection:
        interventions.store_interventions(
            connection,
            [
                {
                    "adno": adno(n),
                    "subject": subject,
                    "what": "Club" if n % 2 else "Tea",
                    "from": since,
                    "who": "Ms A",
                }
                for n, subject in rows.items()
            ],
            academic_year=sample_school.YEAR,
            file="i.csv",
            now=sample_school.NOW,
            who="HAR",
        )


def each(school: School) -> dict[str, Any]:
    sheet = page(school, "pastoral-10A", "Each intervention")
    return {row["Adno"]: row for row in table(sheet, "Adno")}


def reckoned(
    school: School, store: Store, keep: Any = lambda row: True
) -> dict[str, Any] | None:
    """What became of them, from the exported tables and with loops only."""
    seen = []
    for row in exported(school, store, "marks"):
        if row["flag"] == "no data" or not keep(row):
            continue
        gap = 60 * (int(row["prediction"]) - int(row["target"]))
        seen.append({**row, "band": "", "flag": row["flag"].capitalize(), "gap": gap})
    helped = [
        {**row, "help": number, "since": row["from"]}
        for number, row in enumerate(exported(school, store, "interventions"))
    ]
    return by_hand(seen, helped, "after", OPENED)


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("department-Mathematics", lambda r: r["subject"] == "Mathematics"),
        ("pastoral-Year 10", lambda r: r["year"] == "10"),
        ("leadership", lambda r: True),
    ],
)
def test_what_became_of_them_agrees_with_the_exported_tables(
    school: School, store: Store, name: str, keep: Any
) -> None:
    enter(store, HELPED)
    write_kinds(school, store, [name.partition("-")[0]])
    sheet = page(school, name, "Interventions")
    shown = table(sheet, "Running")[-1]
    if name.startswith("department"):  # what is of no one subject is pastoral
        with store.begin() as connection:
            connection.execute(
                schema.interventions.delete().where(
                    schema.interventions.c.subject == ""
                )
            )
        with_one = {adno(n) for n, subject in HELPED.items() if not subject}
        expected = reckoned(
            school, store, lambda r: keep(r) and r["adno"] not in with_one
        )
    else:
        expected = reckoned(school, store, keep)
    assert expected is not None
    assert shown["Intervention"] == "All together"
    names = {"n": "n", "Gap before": "then", "Gap after": "now", "Change": "change"}
    for heading, key in names.items():
        assert shown[heading] == pytest.approx(expected[key]), heading
    if (shown["Similar"] or 0) < 6:  # so few would tell of somebody
        assert (shown["Ahead"], shown["from"], shown["to"]) == (None,) * 3
    said = text(sheet)
    assert f"from {signed_grades(expected['then'])} against target" in said
    assert "regression to the mean" in said
    if 0 < (shown["of these matched"] or 0) < 11:
        assert "too few to conclude" in said
    assert "chance" not in str(shown["Note"])


def test_each_one_has_its_own_line_and_cells_to_end_it(
    school: School, store: Store
) -> None:
    enter(store, {3: "Mathematics", 4: ""})
    write_kinds(school, store, ["pastoral"])
    rows = each(school)
    # Pupil 3 was predicted 4 in SUM and 3 in AUT, against a target of 5.
    assert rows[adno(3)]["Before"] == "−1.0 (SUM)"
    assert rows[adno(3)]["After"] == "−2.0 (AUT)"
    assert rows[adno(3)]["Moved"] == -1 and rows[adno(3)]["Two later"] is None
    assert rows[adno(3)]["From"] == "15/09/2026"
    path = fill(
        school,
        "pastoral-10A",
        {
            ("Each intervention", adno(3), "Until"): datetime(2026, 11, 20),
            ("Each intervention", adno(3), "Ended because"): "Caught up",
            ("Each intervention", adno(3), "Pupil's view"): "Liked it",
            ("Each intervention", adno(4), "Parent's view"): "Wants more",
        },
    )
    collect(school)
    found = exported(school, store, "interventions")
    assert [
        (r["adno"], r["what"], r["from"], r["until"], r["ended_because"],
         r["pupil_view"], r["parent_view"], r["department_or_pastoral"])
        for r in found
    ] == [
        (adno(3), "Club", "2026-09-15", "2026-11-20", "Caught up", "Liked it", "", ""),
        (adno(4), "Tea", "2026-09-15", "", "", "", "Wants more", ""),
    ]  # fmt: skip
    path.unlink()
    write_kinds(
        school, store, ["pastoral"]
    )  # what has ended no longer runs, and stays told
    rows = each(school)
    assert rows[adno(3)]["Until"] == "20/11/2026"
    assert rows[adno(4)]["Parent's view"] == "Wants more"


def test_a_day_that_is_before_the_first_is_reported_and_taken(
    school: School, store: Store
) -> None:
    enter(store, {3: "Mathematics"})
    write_kinds(school, store, ["pastoral"])
    fill(school, "pastoral-10A",
         {("Each intervention", adno(3), "Until"): "1/9/2026"})  # fmt: skip
    collect(school)
    assert [p["code"] for p in exported(school, store, "problems")] == [
        "ends-before-it-begins"
    ]


@pytest.mark.parametrize("kind", ["pastoral", "department", "group"])
def test_whom_a_pack_is_not_about_nobody_can_write_about_in_it(
    school: School, store: Store, kind: str
) -> None:
    name, other = {
        "pastoral": ("pastoral-10A", 21),
        "department": ("department-Languages", 1),
        "group": ("group-PP", 4),
    }[kind]
    with_groups(school)
    fresh = School.load(school.folder)
    write_kinds(fresh, store, [kind])
    path = school.packs("AUT") / f"{name}.xlsx"
    book = load_workbook(path)
    sheet = next(s for s in book if "Adno" in text(s) and "Intervention" in text(s)) \
        if kind != "department" else book.create_sheet("Mine")  # fmt: skip
    if kind == "department":
        sheet.append(["Adno", "Intervention"])
        sheet.append([adno(other), "Club"])
    else:
        head = next(r for r in sheet.iter_rows() if r[0].value == "Adno")
        at = [c.value for c in head].index("Intervention")
        below = sheet[head[0].row + 1]
        below[0].value, below[at].value = adno(other), "Club"
    school.returned.mkdir(exist_ok=True)
    book.save(school.returned / "back.xlsx")
    collect(fresh)
    assert exported(school, store, "interventions") == []
    (problem,) = exported(school, store, "problems")
    assert problem["code"] == "pupil-not-in-pack" and problem["value"] == adno(other)


def with_groups(school: School) -> None:
    settings = school.folder / "school.toml"
    settings.write_text(
        settings.read_text("utf-8")
        + '\n[[groups]]\nname = "PP"\nrule = \'pp == "Y"\'\n',
        "utf-8",
    )


def test_a_group_pack_comes_back_too(school: School, store: Store) -> None:
    with_groups(school)
    fresh = School.load(school.folder)
    write_kinds(fresh, store, ["group"])
    fill(fresh, "group-PP", {("Pupils", adno(3), "Intervention"): "Homework club"},
         lines=[["Reading", "Buy books", "HAR", "", ""]])  # fmt: skip
    collect(fresh)
    (one,) = exported(fresh, store, "interventions")
    names = ("adno", "subject", "what", "department_or_pastoral")
    assert [one[name] for name in names] == [adno(3), "", "Homework club", "PP"]
    (action,) = exported(fresh, store, "actions")
    assert (action["pack"], action["action"]) == ("group-PP", "Buy books")


def test_what_will_be_done_for_a_class_comes_back_and_stands_there_again(
    school: School, store: Store
) -> None:
    write_kinds(school, store, ["class-targets"])
    name = "class-targets-Mathematics"
    sheet = page(school, name, "No progress")
    (first, *_) = table(sheet, "Class")
    code = first["Class"]
    book = load_workbook(school.packs("AUT") / f"{name}.xlsx")
    head = next(r for r in book["No progress"].iter_rows()
                if "Action" in [c.value for c in r])  # fmt: skip
    names = [c.value for c in head]
    row = book["No progress"][head[0].row + 1]
    row[names.index("Action")].value = "Same test for all"
    row[names.index("By when")].value = datetime(2026, 12, 4)
    last = [c.row for c in book["Actions"]["A"] if c.value == "Issue"][-1]
    book["Actions"].cell(last + 1, 1).value = "Books"
    school.returned.mkdir(exist_ok=True)
    book.save(school.returned / "back.xlsx")
    for _ in range(2):  # and once more, from the pack as it is written then
        collect(school)
        assert [
            (r["issue"], r["action"], r["by_when"])
            for r in exported(school, store, "actions")
        ] == [
            (f"{code}: no progress", "Same test for all", "2026-12-04"),
            ("Books", "", ""),
        ]
        write_kinds(school, store, ["class-targets"])
        (again, *_) = table(page(school, name, "No progress"), "Class")
        assert again["Action"] == "Same test for all"
        (school.returned / "back.xlsx").write_bytes(
            (school.packs("AUT") / f"{name}.xlsx").read_bytes()
        )


@pytest.mark.parametrize(
    "name",
    ["department-Mathematics", "pastoral-10A", "class-targets-Mathematics",
     "leadership"],
)  # fmt: skip
def test_every_pack_opens_with_last_times_actions_and_what_moved(
    school: School, store: Store, name: str
) -> None:
    with store.begin() as connection:
        interventions.replace_actions(
            connection,
            [
                {
                    "issue": "Homework",
                    "action": "Ring home",
                    "who": "HAR",
                    "by_when": "1 Dec",
                }
            ],
            collection="SUM",
            pack=name,
            academic_year=sample_school.YEAR,
            now=sample_school.NOW,
            who="HAR",
        )
    kind = next(k for k in ("class-targets", "department", "pastoral", "leadership")
                if name.startswith(k))  # fmt: skip
    write_kinds(school, store, [kind])
    book = load_workbook(school.packs("AUT") / f"{name}.xlsx")
    opening = text(book.active)
    assert "(SUM): Homework: Ring home (HAR, by 1 Dec)." in opening
    mine = {"department-Mathematics": "Mathematics",
            "class-targets-Mathematics": "Mathematics"}  # fmt: skip
    flags: dict[str, dict[tuple[str, str], str]] = {"SUM": {}, "AUT": {}}
    for row in exported(school, store, "marks"):
        ours = mine.get(name, row["subject"]) == row["subject"]
        ours &= name != "pastoral-10A" or row["year"] == "10"
        if row["flag"] != "no data" and ours:
            flags[row["collection"]][row["adno"], row["subject"]] = row["flag"]
    both = flags["SUM"].keys() & flags["AUT"].keys()
    then, now = (
        sum("elow" in flags[code][key] for key in both) for code in ("SUM", "AUT")
    )
    assert (
        f"Of {len(both)} predictions with a target, given in SUM and now, {then} were "
        f"below it then and {now} are."
    ) in opening


def test_leaders_see_kinds_and_nobody_s_name(school: School, store: Store) -> None:
    enter(store, HELPED)
    write_kinds(school, store, ["leadership"])
    told = whole(school.packs("AUT") / "leadership.xlsx")
    assert "Club" in told and "Surname" not in told and adno(1) not in told
