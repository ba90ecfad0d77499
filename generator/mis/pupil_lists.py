"""Match the rows of an import to pupils, and collect the pupils that its lists name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.identifiers import upn_fault
from generator.mis.matching import (
    PupilDirectory,
    find_pupil,
    refuse_damaged,
    refuse_two_pupils,
    warn_leading_zeros,
)
from generator.mis.problem_log import ProblemLog
from generator.mis.spreadsheet_damage import code_before
from generator.mis.values import compare_key

FIELDS = (
    "surname",
    "forename",
    "sex",
    "year",
    "reg",
    "pp",
    "disadvantaged",
    "fsm",
    "sen",
    "eal",
    "ethnicity",
    "lac",
    "ks2_reading",
    "ks2_maths",
    "status",
    "left",
)
# The kinds of list that pupils are taken from, the fullest first. A list that is less
# full than one before names pupils, but nobody leaves because it omits them.
SOURCES = ("pupils", "plain pupils", "class list")
_UPN_FAULTS = {
    "blank": "The pupil has no UPN.",
    "temporary": "The UPN {} is a temporary one.",
    "wrong check letter": "The UPN {} has a wrong check letter.",
    "wrong shape": "{!r} does not have the shape of a UPN.",
}


@dataclass
class ImportedPupils:
    """The pupils of an import.

    Args:
        directory: The pupils of the store and of the import.
        source: The kind of list that pupils are taken from; empty if none.
        listed: Pupil -> first row in such a list, in its order.
        named: The pupils whom any row names.
        refused: The pupils whom a refused row may name: they do not leave.
        values: Pupil -> field -> value.
        upns: Pupil -> UPN in a pupil list.
        files: Pupil -> the first file that names the pupil.
        indicators: (pupil, name) -> value.
        class_rows: The rows of class lists with a known pupil.
    """

    directory: PupilDirectory
    source: str = ""
    listed: dict[str, ExportRow] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    values: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    upns: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    indicators: dict[tuple[str, str], str] = field(default_factory=dict)
    class_rows: list[ExportRow] = field(default_factory=list)


def pupil_source(exports: Exports, best_before: str) -> str:
    """Return the kind of list that pupils are taken from; empty if none.

    Args:
        exports: The import.
        best_before: The fullest kind of list imported before, or empty.
    """
    kinds = [kind for kind in SOURCES if exports.of_kind(kind)]
    limit = SOURCES.index(best_before) if best_before in SOURCES else len(SOURCES)
    return kinds[0] if kinds and SOURCES.index(kinds[0]) <= limit else ""


def match_rows(
    exports: Exports,
    pupils: Mapping[str, Mapping[str, Any]],
    source: str,
    problems: ProblemLog,
) -> ImportedPupils:
    """Match every row about a pupil to that pupil.

    Args:
        exports: The import.
        pupils: Admission number -> row of the store.
        source: The kind of list that pupils are taken from; empty if none.
        problems: Receives warnings and refusals.
    """
    directory = PupilDirectory((adno, str(row["upn"])) for adno, row in pupils.items())
    imported = ImportedPupils(directory, source)
    sources = [table for table in exports.of_kind(source) if _has_names(table)]
    # Numbers with their zeros come first, so that those without find their pupil. Rows
    # with only a UPN come last, when every pupil is known.
    sources.sort(key=lambda table: not _has_zeros(table))
    listings = [_Listing(table, imported, problems) for table in sources]
    for with_adno in (True, False):
        for listing in listings:
            listing.add(
                row for row in listing.table.rows if bool(row["adno"]) == with_adno
            )
    for table in exports.of_kind(*SOURCES, "memberships", "pupil data", "ks2"):
        if table not in sources:
            _match_table(table, imported, problems)
    return imported


def _has_names(table: ExportTable) -> bool:
    return table.has("pupil_name", "surname")


def _has_zeros(table: ExportTable) -> bool:
    return any(row["adno"].startswith("0") for row in table.rows)


class _Listing:
    """One pupil list, or a class list that is used as one."""

    def __init__(
        self, table: ExportTable, imported: ImportedPupils, problems: ProblemLog
    ) -> None:
        self.table, self.imported, self.problems = table, imported, problems
        self.is_class_list = table.kind == "class list"
        self.first_rows: dict[str, ExportRow] = {}
        self.adnos = {row["adno"] for row in table.rows}

    def add(self, rows: Iterable[ExportRow]) -> None:
        """Add the pupils of some rows; refuse rows that contradict others."""
        for row in rows:
            adno = row["adno"]
            match = self._match(row)
            pupil = match or adno
            if self._refuse(row, pupil, match):
                owner = self.imported.directory.with_upn(row["upn"])
                self.imported.refused.update(
                    name for name in (match, owner, pupil) if name
                )
                continue
            _add_pupil(row, pupil, self.imported, self.problems)
            if adno and pupil != adno and pupil not in self.first_rows:
                warn_leading_zeros(row, pupil, self.problems)
            self.first_rows.setdefault(pupil, row)
            if self.is_class_list:
                self.imported.class_rows.append(row)

    def _match(self, row: ExportRow) -> str | None:
        """The known pupil whom a row names, or None for a new one."""
        directory, adno = self.imported.directory, row["adno"]
        match = directory.match_row(row)
        if adno in directory or not adno:
            return match.adno
        return match.adno if match.padded and match.adno not in self.adnos else None

    def _refuse(self, row: ExportRow, pupil: str, match: str | None) -> bool:
        """Refuse a row without a pupil of its own; return whether it was refused."""
        adno, upn = row["adno"], row["upn"]
        imported, problems = self.imported, self.problems
        owner = imported.directory.with_upn(upn)
        if not pupil:
            problems.refuse(
                row,
                "adno",
                "no-admission-number",
                "The row has no admission number, and its UPN is not known.",
                "Give the pupil's admission number.",
                value=upn,
            )
        elif match is None and (was := code_before(pupil)):
            refuse_damaged(row, "adno", was, problems)
        elif pupil in self.first_rows and not self.is_class_list:
            first = self.first_rows[pupil].place("adno")
            problems.refuse(
                row,
                "adno",
                "adno-twice",
                f"The admission number {pupil} is in the list twice; {first} has it "
                "first.",
                "Keep one row of each pupil, or give the other pupil's own number.",
                value=adno or upn,
                adno=pupil,
            )
        elif owner is not None and owner != pupil and match is not None:
            refuse_two_pupils(row, imported.directory.match(pupil, upn), problems)
        elif owner is not None and owner != pupil:
            problems.refuse(
                row,
                "upn",
                "upn-twice",
                f"The UPN {upn} is that of pupil {owner} already.",
                "Give this pupil's own UPN, or take the second row out.",
                adno=pupil,
            )
        elif _is_another_pupil(row, pupil, imported):
            problems.refuse(
                row,
                "adno",
                "adno-twice",
                f"The admission number {pupil} is that of another pupil in "
                f"{imported.files[pupil]} {imported.listed[pupil].place('adno')}.",
                "Give each pupil their own admission number.",
                value=pupil,
                adno=pupil,
            )
        else:
            return False
        return True


def _is_another_pupil(row: ExportRow, pupil: str, imported: ImportedPupils) -> bool:
    """Whether a row with a listed pupil's number is about somebody else."""
    if pupil not in imported.listed:
        return False
    upn, listed_upn = row["upn"], imported.upns.get(pupil, "")
    if upn and listed_upn:
        return upn != listed_upn
    # Without UPNs, one number with two quite different names means two pupils.
    names, listed_names = (
        {compare_key(name) for name in (r["surname"], r["forename"]) if name}
        for r in (row, imported.listed[pupil])
    )
    return len(names) == len(listed_names) == 2 and not names & listed_names


def _add_pupil(
    row: ExportRow, pupil: str, imported: ImportedPupils, problems: ProblemLog
) -> None:
    upn = row["upn"]
    is_first = pupil not in imported.listed
    row.pupil = pupil
    old_upn = imported.directory.upn(pupil)
    if upn and old_upn and upn != old_upn:
        problems.warn(
            row,
            "upn",
            "upn-changed",
            f"Pupil {pupil} had the UPN {old_upn}.",
            "Check that this is the same pupil; the new UPN was taken.",
            adno=pupil,
        )
    imported.directory.add(pupil, upn)
    imported.listed.setdefault(pupil, row)
    imported.named.add(pupil)
    imported.files.setdefault(pupil, row.table.file)
    if not row.table.has("upn"):
        return
    if upn:
        imported.upns.setdefault(pupil, upn)
    fault = upn_fault(upn)
    if fault and is_first:
        problems.warn(
            row,
            "upn",
            f"upn-{fault.replace(' ', '-')}",
            _UPN_FAULTS[fault].format(upn),
            "Put it right in the MIS; the pupil is imported all the same.",
            adno=pupil,
        )


def _match_table(
    table: ExportTable, imported: ImportedPupils, problems: ProblemLog
) -> None:
    """Match the rows of a table that pupils are not taken from."""
    cells: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for row in table.rows:
        if table.kind == "ks2" and _is_stranger(row, imported.directory, problems):
            continue
        pupil = row.pupil = find_pupil(row, imported.directory, problems)
        if pupil is None:
            imported.refused |= imported.directory.match_row(row).possible_pupils()
        elif table.kind in ("class list", "memberships"):
            imported.class_rows.append(row)
            imported.named.add(pupil)
        elif any(cells[pupil].get(c, text) != text for c, text in row.cells.items()):
            problems.refuse(
                row,
                "adno" if row["adno"] else "upn",
                "pupil-twice",
                f"Pupil {pupil} is in the list twice, with different values.",
                "Keep the row that is right.",
                adno=pupil,
            )
        else:
            cells[pupil].update(row.cells)
            imported.files.setdefault(pupil, table.file)


def _is_stranger(
    row: ExportRow, directory: PupilDirectory, problems: ProblemLog
) -> bool:
    """Whether a row of a list of Year 6 is about nobody of the school; say so once."""
    if directory.match_row(row).possible_pupils() or not (row["adno"] or row["upn"]):
        return False
    problems.warn(
        row,
        "upn" if row["upn"] else "adno",
        "pupil-not-here",
        "The list has pupils who are not in the school; nothing of them was taken.",
        "Nothing, if they have left or never came; else import the pupil list first.",
        once="not here",
    )
    return True
