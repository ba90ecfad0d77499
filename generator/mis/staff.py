"""Staff and who leads what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.mis import values
from generator.mis.classes import ImportedClasses, teachers_of
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.problem_log import ProblemLog
from generator.mis.values import compare_key, identifier


@dataclass
class ImportedStaff:
    """What the exports say of staff.

    Args:
        staff: Code -> (name, e-mail) as they should stand.
        roles: (staff, role, scope), or None where no such list was imported.
    """

    staff: dict[str, tuple[str, str]] = field(default_factory=dict)
    roles: set[tuple[str, str, str]] | None = None


def read_staff(
    exports: Exports,
    timetable: ImportedClasses,
    staff: Mapping[str, tuple[str, str]],
    names_before: Mapping[str, tuple[str, str]],
    faults: ProblemLog,
) -> ImportedStaff:
    """Read staff and roles, and give classes their teachers' codes.

    Where neither the import nor the store has a staff list, the teachers of the
    classes are the staff.

    Args:
        exports: What is imported.
        timetable: The classes; teachers given by name get their codes here.
        staff: The staff of the store in this year: code -> (name, e-mail).
        names_before: The same of the latest earlier year, for names and addresses.
        faults: Where doubts and refusals go.
    """
    found = ImportedStaff()
    seen: dict[str, ExportRow] = {}
    for table in exports.of_kind("staff"):
        for line in table.rows:
            _member(line, staff, found, seen, faults)
    listed = {**staff, **found.staff}
    codes = _codes_of_names(listed)
    for code, row in timetable.rows.items():
        _teachers(code, row, listed, codes, found, names_before)
    _warn_of_strangers(exports, listed, codes, faults)
    for table in exports.of_kind("roles"):
        found.roles = found.roles or set()
        for line in table.rows:
            _role(line, listed, codes, found.roles, faults)
    return found


def _member(
    line: ExportRow,
    staff: Mapping[str, tuple[str, str]],
    found: ImportedStaff,
    seen: dict[str, ExportRow],
    faults: ProblemLog,
) -> None:
    code = identifier(line["staff"])
    whole = " ".join(
        part for part in (line["title"], line["forename"], line["surname"]) if part
    )
    name = line["name"] or line["pupil_name"] or whole
    said = (name, line["email"])
    if not code:
        faults.refuse(
            line,
            "staff",
            "staff-not-named",
            f"{name or 'The row'} has no staff code.",
            "Give the code that the timetable uses.",
            value="",
        )
    elif code in seen and found.staff[code] != said:
        faults.refuse(
            line,
            "staff",
            "staff-twice",
            f"The staff code {code} is that of {found.staff[code][0]} already, in "
            f"{seen[code].table.file} {seen[code].place('staff')}.",
            "Give each member of staff one code of their own.",
            value=code,
        )
    else:
        before = staff.get(code, ("", ""))
        found.staff[code] = (name or before[0], line["email"] or before[1])
        seen.setdefault(code, line)


def _codes_of_names(staff: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Name, or code in any case -> code, where only one member of staff has it."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for code, (name, _) in staff.items():
        codes[compare_key(code)].add(code)
        if name:
            codes[compare_key(name)].add(code)
    return {text: min(held) for text, held in codes.items() if len(held) == 1}


def _code(
    text: str, staff: Mapping[str, tuple[str, str]], codes: Mapping[str, str]
) -> str:
    if text in staff:
        return text
    return codes.get(compare_key(text), text)


def _teachers(
    code: str,
    row: dict[str, Any],
    listed: Mapping[str, tuple[str, str]],
    codes: Mapping[str, str],
    found: ImportedStaff,
    names_before: Mapping[str, tuple[str, str]],
) -> None:
    held = [name for name in str(row["teachers"]).split(";") if name]
    named = list(dict.fromkeys(_code(name, listed, codes) for name in held))
    row["teachers"] = ";".join(named)
    if not listed:
        for name in named:
            found.staff.setdefault(name, names_before.get(name, ("", "")))


def _warn_of_strangers(
    exports: Exports,
    listed: Mapping[str, tuple[str, str]],
    codes: Mapping[str, str],
    faults: ProblemLog,
) -> None:
    if not listed:
        return
    shared: defaultdict[str, list[str]] = defaultdict(list)
    for code, (held, _) in sorted(listed.items()):
        shared[compare_key(held)].append(code)
    for table in exports.of_kind("classes", "class list"):
        for line in table.rows:
            if line.refused:
                continue
            for name in teachers_of(line):
                if _code(name, listed, codes) in listed:
                    continue
                several = shared.get(compare_key(name), [])
                faults.warn(
                    line,
                    "teacher",
                    "teacher-unclear" if several else "teacher-unknown",
                    f"The teacher {name!r} could be any of {', '.join(several)}."
                    if several
                    else f"The teacher {name!r} is not in the staff list.",
                    "Give the code instead of the name."
                    if several
                    else "Check the code, or import the staff list that has it.",
                    value=name,
                )


def _role(
    line: ExportRow,
    listed: Mapping[str, tuple[str, str]],
    codes: Mapping[str, str],
    roles: set[tuple[str, str, str]],
    faults: ProblemLog,
) -> None:
    code = _code(identifier(line["staff"]), listed, codes)
    reading = values.read_role(line["role"])
    if not code or not reading.value:
        faults.refuse(
            line,
            "staff" if not code else "role",
            "role-incomplete",
            "The row names no member of staff." if not code else "It names no role.",
            "Give both the staff code and the role, or take the row out.",
            value=line["role"] if not code else code,
        )
        return
    if listed and code not in listed:
        faults.warn(
            line,
            "staff",
            "staff-unknown",
            f"{code!r} is not in the staff list.",
            "Check the code, or import the staff list that has it.",
        )
    if reading.doubt:
        faults.warn(
            line,
            "role",
            "value-not-recognised",
            f"{line['role']!r} {reading.doubt}.",
            "Check it; the row is imported all the same.",
        )
    roles.add((code, reading.value, line["scope"]))
