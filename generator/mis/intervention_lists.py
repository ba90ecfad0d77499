"""Interventions among the exports: whom they are for, what, by whom, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.matching import PupilDirectory, pupil_of
from generator.mis.problem_log import ProblemLog
from generator.mis.values import compare_key
from udfs.tables import Tables

# Field -> the headings that mean it in a list of interventions. They mean other
# things elsewhere (`From` in a class list), so this table is its own.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "what": ("what", "intervention", "interventions", "intervention name",
             "intervention type", "type of intervention"),
    "who": ("who", "led by", "lead", "by", "by whom", "staff", "delivered by"),
    "department_or_pastoral": ("department or pastoral", "department",
                               "department pastoral", "area", "team"),
    "from": ("from", "start", "start date", "since", "started"),
    "until": ("until", "to", "end", "end date", "ended", "finish"),
    "pupil_view": ("pupil view", "pupil s view", "pupils view", "student view",
                   "pupil voice"),
    "parent_view": ("parent view", "parent s view", "parents view", "carer view"),
    "ended_because": ("ended because", "reason ended", "why ended", "outcome"),
}  # fmt: skip
DATES = ("from", "until")
LONGEST = 2_000  # characters of one text


def intervention_columns(cells: Mapping[int, str]) -> dict[str, int]:
    """The fields of a heading row that is of interventions; empty where it is not.

    Args:
        cells: Column -> heading.
    """
    known = {compare_key(text): column for column, text in cells.items()}
    found = {}
    for field, ways in HEADINGS.items():
        column = next((known[way] for way in ways if way in known), None)
        if column is not None:
            found[field] = column
    return found if "what" in found and len(found) > 1 else {}


def read_interventions(
    exports: Exports,
    directory: PupilDirectory,
    subjects: Sequence[str],
    tables: Tables,
    faults: ProblemLog,
) -> dict[str, list[dict[str, str]]]:
    """The interventions of every list of them, by file, as they are stored.

    Args:
        exports: What is imported.
        directory: The pupils there are.
        subjects: The subjects that are taught, under whatever name is written;
            others are taken as they stand.
        tables: Which names are of one subject.
        faults: Where doubts and refusals go.
    """
    taught = _Taught(subjects, tables)
    found: dict[str, list[dict[str, str]]] = {}
    for table in exports.of_kind("interventions"):
        rows = found.setdefault(table.file, [])
        for line in table.rows:
            adno = pupil_of(line, directory, faults)
            if adno is None:
                continue
            if not line["what"]:
                faults.refuse(
                    line,
                    "what",
                    "intervention-not-named",
                    "The row does not say what is done.",
                    "Say what the intervention is, or take the row out.",
                    value="",
                    adno=adno,
                )
                continue
            rows.append({"adno": adno, **_said(line, adno, taught, faults)})
    return found


@dataclass(frozen=True, slots=True)
class _Taught:
    """The subjects of the classes, found by any of their names."""

    subjects: Sequence[str]
    tables: Tables

    def find(self, written: str) -> str | None:
        """The one taught subject of this name, or None where none or several are."""
        by_name = [one for one in self.subjects if one.casefold() == written.casefold()]
        of_it = by_name or [
            one for one in self.subjects if self.tables.same(one, written)
        ]
        return of_it[0] if len(of_it) == 1 else None


def _said(
    line: ExportRow, adno: str, taught: _Taught, faults: ProblemLog
) -> dict[str, str]:
    found = taught.find(line["subject"])
    subject = found or line["subject"]
    if subject and found is None:
        faults.warn(
            line,
            "subject",
            "subject-not-taught",
            f"No class is taught {subject!r}.",
            "Check its name; the row is taken as it stands.",
        )
    said = {"subject": subject}
    for field in HEADINGS:
        text = line[field]
        if field in DATES and text:
            reading = values.read_value("left", text)
            if reading.doubt:
                faults.warn(
                    line,
                    field,
                    "value-not-recognised",
                    f"{text!r} {reading.doubt}.",
                    "Write it like 2026-11-25 or 25/11/2026.",
                    adno=adno,
                )
            text = reading.value
        said[field] = text[:LONGEST]
    if said["from"] and said["until"] and said["until"] < said["from"]:
        faults.warn(
            line,
            "until",
            "ends-before-it-begins",
            f"It ends on {said['until']}, before it begins on {said['from']}.",
            "Check both days; they are taken as they stand.",
            adno=adno,
        )
    return said
