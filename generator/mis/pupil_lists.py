"""Whom the rows of an import are about, and whom a pupil list brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.mis import identifiers as upns
from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.matching import (
    PupilDirectory,
    ids,
    pupil_of,
    refuse_two_pupils,
    warn_leading_zeros,
)
from generator.mis.problem_log import ProblemLog
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
# What pupils are taken from, the fullest kind of list first. A list that is less
# full than one imported before names pupils and ends nobody's time here.
SOURCES = ("pupils", "plain pupils", "class list")


@dataclass
class ImportedPupils:
    """What the exports say of pupils.

    Args:
        directory: Every pupil of the store and of the exports.
        source: The kind of list that pupils were taken from; empty if none.
        listed: Pupils whom such a list names, in its order.
        named: Pupils whom any row names.
        refused: Pupils whom a row that is left out may mean: nothing of theirs ends.
        given: Pupil -> field -> value.
        upns: Pupil -> UPN, as a pupil list gives it.
        files: Pupil -> the file that names them first.
        indicators: (pupil, name) -> value.
        members: Rows of class lists, of pupils who are known.
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
    """The kind of list that this import takes pupils from; empty: none.

    Args:
        exports: What is imported.
        best_before: The fullest kind of list imported before, or empty.
    """
    here = [kind for kind in SOURCES if exports.of_kind(kind)]
    fuller = SOURCES.index(best_before) if best_before else len(SOURCES)
    return here[0] if here and SOURCES.index(here[0]) <= fuller else ""


def match_rows(
    exports: Exports,
    pupils: Mapping[str, Mapping[str, Any]],
    source: str,
    faults: ProblemLog,
) -> ImportedPupils:
    """Settle whom every row about a pupil is about.

    Args:
        exports: What is imported.
        pupils: The pupils of the store, by admission number.
        source: The kind of list that pupils are taken from; empty: none.
        faults: Where doubts and refusals go.
    """
    found = ImportedPupils(
        PupilDirectory((adno, str(row["upn"])) for adno, row in pupils.items()), source
    )
    sources = [table for table in exports.of_kind(source) if _names_pupils(table)]
    # Numbers that still have their zeros come first, so that those which lost them
    # in a spreadsheet find their pupil; rows that have only a UPN come last, when
    # everybody whom it may mean is known.
    sources.sort(key=lambda table: not _has_zeros(table))
    seen: list[dict[str, ExportRow]] = [{} for _ in sources]
    for with_adno in (True, False):
        for table, here in zip(sources, seen, strict=True):
            lines = [line for line in table.rows if bool(line["adno"]) == with_adno]
            _list_pupils(table, lines, here, found, faults)
    for table in exports.of_kind(*SOURCES, "memberships", "pupil data"):
        if table not in sources:
            _match_rows(table, found, faults)
    return found


def _names_pupils(table: ExportTable) -> bool:
    return table.has("pupil_name", "surname")


def _has_zeros(table: ExportTable) -> bool:
    return any(line["adno"].startswith("0") for line in table.rows)


def _list_pupils(
    table: ExportTable,
    lines: Iterable[ExportRow],
    here: dict[str, ExportRow],
    found: ImportedPupils,
    faults: ProblemLog,
) -> None:
    """Go through rows of a pupil list, or of a class list that stands in for one."""
    repeated = table.kind == "class list"
    written = {ids(line)[0] for line in table.rows}
    for line in lines:
        adno, upn = ids(line)
        match = found.directory.match(adno, upn)
        known = match.adno if adno in found.directory or not adno else None
        if known is None and match.padded and match.adno not in written:
            known = match.adno
        pupil = known or adno
        owner = found.directory.with_upn(upn)
        if not pupil:
            faults.refuse(
                line,
                "adno",
                "no-admission-number",
                "The row has no admission number, and its UPN is not known.",
                "Give the pupil's admission number.",
                value=upn,
            )
        elif pupil in here and not repeated:
            first = here[pupil].place("adno")
            faults.refuse(
                line,
                "adno",
                "adno-twice",
                f"The admission number {pupil} stands here a second time, after "
                f"{first}.",
                "Keep one row of each pupil, or give the other pupil's own number.",
                value=adno or upn,
                adno=pupil,
            )
        elif owner is not None and owner != pupil:
            if known is not None:
                refuse_two_pupils(line, found.directory.match(pupil, upn), faults)
            else:
                faults.refuse(
                    line,
                    "upn",
                    "upn-twice",
                    f"The UPN {upn} is that of pupil {owner} already.",
                    "Give this pupil's own UPN, or take the second row out.",
                    adno=pupil,
                )
        elif _is_somebody_else(line, pupil, upn, found):
            faults.refuse(
                line,
                "adno",
                "adno-twice",
                f"The admission number {pupil} is that of another pupil in "
                f"{found.files[pupil]} {found.listed[pupil].place('adno')}.",
                "Give each pupil their own admission number.",
                value=pupil,
                adno=pupil,
            )
        else:
            _list(line, pupil, found, faults)
            if adno and pupil != adno and pupil not in here:
                warn_leading_zeros(line, adno, pupil, faults)
            here.setdefault(pupil, line)
            if repeated:
                found.class_rows.append(line)
            continue
        found.refused.update(name for name in (known, owner, pupil) if name)


def _is_somebody_else(
    line: ExportRow, pupil: str, upn: str, found: ImportedPupils
) -> bool:
    if pupil not in found.listed:
        return False
    before = found.upns.get(pupil, "")
    if upn and before:
        return upn != before
    # Without UPNs to tell, a number under two quite different names is two pupils'.
    names = [(one["surname"], one["forename"]) for one in (line, found.listed[pupil])]
    mine, other = ({compare_key(name) for name in pair if name} for pair in names)
    return len(mine) == len(other) == 2 and not mine & other


def _list(
    line: ExportRow, pupil: str, found: ImportedPupils, faults: ProblemLog
) -> None:
    _, upn = ids(line)
    first = pupil not in found.listed
    line.pupil = pupil
    known = found.directory.upn(pupil)
    if upn and known and upn != known:
        faults.warn(
            line,
            "upn",
            "upn-changed",
            f"Pupil {pupil} had the UPN {known}.",
            "Check that this is the same pupil; the new UPN was taken.",
            adno=pupil,
        )
    found.directory.add(pupil, upn)
    found.listed.setdefault(pupil, line)
    found.named.add(pupil)
    found.files.setdefault(pupil, line.table.file)
    if not line.table.has("upn"):
        return
    if upn:
        found.upns.setdefault(pupil, upn)
    fault = upns.upn_fault(upn)
    if fault and first:
        what = {
            "blank": "The pupil has no UPN.",
            "temporary": f"The UPN {upn} is a temporary one.",
            "wrong check letter": f"The UPN {upn} has a wrong check letter.",
            "wrong shape": f"{upn!r} does not have the shape of a UPN.",
        }[fault]
        faults.warn(
            line,
            "upn",
            f"upn-{fault.replace(' ', '-')}",
            what,
            "Put it right in the MIS; the pupil is imported all the same.",
            adno=pupil,
        )


def _match_rows(table: ExportTable, found: ImportedPupils, faults: ProblemLog) -> None:
    told: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for line in table.rows:
        pupil = line.pupil = pupil_of(line, found.directory, faults)
        if pupil is None:
            adno, upn = ids(line)
            match = found.directory.match(adno, upn)
            found.refused.update(
                name
                for name in (match.adno, match.upn_owner, *match.candidates)
                if name is not None
            )
        elif table.kind in ("class list", "memberships"):
            found.class_rows.append(line)
            found.named.add(pupil)
        elif any(told[pupil].get(c, text) != text for c, text in line.cells.items()):
            faults.refuse(
                line,
                "adno" if line["adno"] else "upn",
                "pupil-twice",
                f"Pupil {pupil} stands here a second time, with something else.",
                "Keep the row that is right.",
                adno=pupil,
            )
        else:
            told[pupil].update(line.cells)
            found.files.setdefault(pupil, table.file)
