"""Of every kind of pack: nothing of anybody else in it, and never half a figure."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection

from generator.packs.registry import PACK_KINDS
from generator.school.school import School
from generator.school.settings import KINDS
from generator.store import interventions, schema
from generator.store.engine import Store
from tests.generator.packs import sample_school
from tests.generator.packs.pack_files import text, whole, write_kinds
from tests.generator.packs.sample_school import adno

GROUPS = """
[[groups]]
name = "PP"
rule = 'pp == "Y"'

[[groups]]
name = "Four"
rule = 'reg == "7A"'
"""
HELD = [kind for kind in PACK_KINDS if kind not in ("results", "ladders")]
ENGLISH, FRENCH = range(1, 4), range(21, 25)
MATHS = [*range(1, 17), *range(21, 34)]
TEN, ELEVEN = range(1, 17), range(21, 34)
PP = [n for n in (*TEN, *ELEVEN) if n % 3 == 0]
SEND = [n for n in (*TEN, *ELEVEN) if n % 3]
# File -> the pupils that its reader may see, if named at all.
THEIRS: dict[str, object] = {
    **{f"{kind}-{name}": pupils
       for kind in ("department", "class-targets", "praise")
       for name, pupils in (("Mathematics", MATHS), ("English", ENGLISH),
                            ("Languages", FRENCH))},
    **{f"{kind}-{name}": pupils
       for kind in ("pastoral", "praise", "journey")
       for name, pupils in (("Year 10", TEN), ("Year 11", ELEVEN))},
    "pastoral-10A": TEN, "pastoral-11A": ELEVEN, "journey-SEND": SEND,
    "group-PP": PP, "group-Four": [], "leadership": [], "governors": [],
    "target-groups": [*TEN, *ELEVEN],
}  # fmt: skip


def test_settings_know_the_names_of_all_kinds() -> None:
    # `generator.school` may not import the packs above it, so it lists their names.
    assert set(KINDS) == set(PACK_KINDS)


def grouped(school: School) -> School:
    path = school.folder / "school.toml"
    path.write_text(path.read_text("utf-8") + GROUPS, "utf-8")
    return School.load(school.folder)


def with_help(store: Store) -> None:
    """An intervention in every subject, with what the pupil thinks of it."""
    about = [(n, "Mathematics") for n in MATHS] + [(n, "French") for n in FRENCH]
    about += [(n, "English Language") for n in ENGLISH] + [(n, "") for n in (5, 25)]
    with store.begin() as connection:
        interventions.store_interventions(
            connection,
            [
                {
                    "adno": adno(n),
                    "subject": subject,
                    "what": f"Club {subject or 'all'}",
                    "from": "2026-09-15",
                    "pupil_view": f"View{n:02d} of {subject or 'all'}",
                }
                for n, subject in about
            ],
            academic_year=sample_school.YEAR,
            file="i.csv",
            now=sample_school.NOW,
            who="HAR",
        )


def test_no_file_holds_a_pupil_a_subject_or_a_view_that_is_not_its_readers(
    school: School, store: Store
) -> None:
    school = grouped(school)
    with_help(store)
    report = write_kinds(school, store, HELD)
    assert {Path(name).stem for name in report.files} == set(THEIRS)
    everybody = {n for *_, first, last in sample_school.CLASSES.values()
                 for n in range(first, last + 1)}  # fmt: skip
    for name, mine in THEIRS.items():
        # Without numbers: the digits of a mean are no admission number.
        told = re.sub(
            r"<v>\d+\.\d+</v>", "", whole(school.packs("AUT") / f"{name}.xlsx")
        )
        named = {n for n in everybody
                 if adno(n) in told or f"Surname{n:02d}" in told
                 or f"Forename{n:02d}" in told}  # fmt: skip
        assert named <= set(mine), name
        assert "U0000000" not in told, name  # no UPN, in any of them
        subject = {"Mathematics": "Mathematics", "English": "English Language",
                   "Languages": "French"}.get(name.partition("-")[2])  # fmt: skip
        views = set(re.findall(r"View(\d\d) of ([A-Za-z ]+)", told))
        assert {int(n) for n, _ in views} <= set(mine), name
        if subject:  # neither another department's subjects nor what is pastoral
            assert {about for _, about in views} <= {subject}, name
            others = {"Mathematics", "English Language", "French"} - {subject}
            assert not any(other in told for other in others), name
        if not mine or name in ("target-groups",):
            assert not views, name


def nobody_leads(connection: Connection) -> None:
    connection.execute(schema.roles.delete())


def one_class_returned(connection: Connection) -> None:
    mine = schema.returns.c
    connection.execute(
        schema.returns.delete().where(
            mine.collection == "AUT", mine["class"] != "10x/En1"
        )
    )
    marks = schema.marks.c
    connection.execute(
        schema.marks.delete().where(
            marks.collection == "AUT", marks["class"] != "10x/En1"
        )
    )


def nothing_returned(connection: Connection) -> None:
    for table in (schema.returns, schema.marks, schema.issues):
        if table is schema.issues:
            connection.execute(schema.issued_rows.delete())
        connection.execute(table.delete())


def pupils_without_class(connection: Connection) -> None:
    memberships = schema.memberships
    connection.execute(memberships.delete().where(memberships.c.adno > adno(4)))


def everybody_has_help(connection: Connection) -> None:
    interventions.store_interventions(
        connection,
        [
            {"adno": adno(n), "subject": "", "what": "Club", "from": "2026-09-15"}
            for n in range(1, 45)
        ],
        academic_year=sample_school.YEAR,
        file="i.csv",
        now=sample_school.NOW,
        who="HAR",
    )


@pytest.mark.parametrize(
    "spoil",
    [nobody_leads, one_class_returned, nothing_returned, pupils_without_class,
     everybody_has_help],
    ids=lambda spoil: spoil.__name__,
)  # fmt: skip
def test_whatever_is_missing_every_pack_says_so_and_shows_no_half_figure(
    school: School, store: Store, spoil: Callable[[Connection], None]
) -> None:
    school = grouped(school)
    with store.begin() as connection:
        spoil(connection)
    report = write_kinds(school, store, HELD)
    assert not [p for p in report.problems if p.severity == "error"]
    if spoil is nobody_leads:
        # Each is without a reader, and each reader who lacks is told of once.
        lacking = [problem.what for problem in report.problems]
        assert len(lacking) == len(set(lacking))
        stems = [Path(file).stem.replace("class-t", "t") for file in report.files]
        scopes = {stem.partition("-")[2] for stem in stems} - {"", "groups"}
        assert scopes <= {problem.value for problem in report.problems}
        assert {"leadership", "governors"} <= {p.file for p in report.problems}
    if spoil is one_class_returned:
        packs = school.packs("AUT")
        said = {name: text(load_workbook(packs / f"{name}.xlsx")["Headlines"])
                for name in ("governors", "leadership")}  # fmt: skip
        # Three pupils are too few to show, which is not to say that nothing came.
        assert "Year 10: of too few pupils to be shown yet." in said["governors"]
        assert "No returns yet" not in said["governors"]
        assert "PROVISIONAL" in said["leadership"]
        page = load_workbook(packs / "department-English.xlsx")["Moderation"]
        assert "Nobody can be compared yet" in text(page)
    for name in report.files:
        path = school.folder / name
        book = load_workbook(path)
        for sheet in book:
            cells = [c for row in sheet.iter_rows() for c in row if c.value is not None]
            assert cells, (name, sheet.title)  # no page is empty
            for cell in cells:
                assert cell.data_type != "e", (name, sheet.title, cell.coordinate)
                value = str(cell.value)
                assert value.lower() not in ("nan", "none", "<na>", "inf", "nat")
                assert not re.search(r"\bnan\b|<NA>|\{\w+\}", value), (name, value)
        assert len(text(book.active)) > 20, name
        charts_are_drawn_from_something(path)


def charts_are_drawn_from_something(path: Path) -> None:
    with zipfile.ZipFile(path) as pack:
        for part in pack.namelist():
            if part.startswith("xl/charts/chart"):
                told = pack.read(part).decode("utf-8")
                drawn = re.findall(r"<c:(?:val|yVal)>.*?</c:(?:val|yVal)>", told)
                assert drawn, (path.name, part)
                for values in drawn:
                    assert 'ptCount val="0"' not in values, (path.name, part)
