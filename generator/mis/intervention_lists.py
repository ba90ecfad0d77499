"""Read lists of interventions: for which pupil, what, by whom, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.mis import values
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.matching import PupilDirectory, find_pupil
from generator.mis.problem_log import ProblemLog
from generator.mis.values import compare_key
from udfs.tables import Tables

# Field -> its headings in a list of interventions. Elsewhere they have other meanings
# (`From` in a class list), so they are not in `heading_spellings`.
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
MAX_LENGTH = 2_000  # characters of one text


def intervention_columns(cells: Mapping[int, str]) -> dict[str, int]:
    """Return field -> column for a list of interventions; empty for other lists.

    Args:
        cells: Column -> heading.
    """
    columns = {compare_key(text): column for column, text in cells.items()}
    fields = {}
    for field, spellings in HEADINGS.items():
        column = next((columns[key] for key in spellings if key in columns), None)
        if column is not None:
            fields[field] = column
    return fields if "what" in fields and len(fields) > 1 else {}


def read_interventions(
    exports: Exports,
    directory: PupilDirectory,
    subjects: Sequence[str],
    tables: Tables,
    problems: ProblemLog,
) -> dict[str, list[dict[str, str]]]:
    """Return the interventions of every list, by file, as rows of the store.

    Args:
        exports: The import.
        directory: The pupils.
        subjects: The subjects of the classes. A subject under another of its names gets
            the name here; other subjects stay as they are.
        tables: The subjects and their names.
        problems: Receives warnings and refusals.
    """
    names = _SubjectNames(subjects, tables)
    interventions: dict[str, list[dict[str, str]]] = {}
    for table in exports.of_kind("interventions"):
        file_rows = interventions.setdefault(table.file, [])
        for row in table.rows:
            adno = find_pupil(row, directory, problems)
            if adno is None:
                continue
            if not row["what"]:
                problems.refuse(
                    row,
                    "what",
                    "intervention-not-named",
                    "The row does not say what is done.",
                    "Say what the intervention is, or take the row out.",
                    value="",
                    adno=adno,
                )
                continue
            file_rows.append({"adno": adno, **_values(row, adno, names, problems)})
    return interventions


@dataclass(frozen=True, slots=True)
class _SubjectNames:
    """The subjects of the classes, found by any of their names."""

    subjects: Sequence[str]
    tables: Tables

    def find(self, name: str) -> str | None:
        """The only subject with this name, or None."""
        exact = [s for s in self.subjects if s.casefold() == name.casefold()]
        matches = exact or [
            s for s in self.subjects if self.tables.is_same_subject(s, name)
        ]
        return matches[0] if len(matches) == 1 else None


def _values(
    row: ExportRow, adno: str, names: _SubjectNames, problems: ProblemLog
) -> dict[str, str]:
    subject = names.find(row["subject"])
    if subject is None and row["subject"]:
        problems.warn(
            row,
            "subject",
            "subject-not-taught",
            f"No class is taught {row['subject']!r}.",
            "Check its name; the row is imported as it is.",
        )
    record = {"subject": subject or row["subject"]}
    for field in HEADINGS:
        text = row[field]
        if field in DATES and text:
            day = values.read_value("left", text)
            if day.doubt:
                problems.warn(
                    row,
                    field,
                    "value-not-recognised",
                    f"{text!r} {day.doubt}.",
                    "Write it like 2026-11-25 or 25/11/2026.",
                    adno=adno,
                )
            text = day.value
        record[field] = text[:MAX_LENGTH]
    if record["from"] and record["until"] and record["until"] < record["from"]:
        problems.warn(
            row,
            "until",
            "ends-before-it-begins",
            f"It ends on {record['until']}, before it begins on {record['from']}.",
            "Check both days; they are imported as they are.",
            adno=adno,
        )
    return record
