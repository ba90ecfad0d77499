"""The staff of an import, their roles, and the codes of the classes' teachers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.mis import values
from generator.mis.classes import ImportedClasses
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.problem_log import ProblemLog
from generator.mis.teacher_cells import split_teachers, teachers_of
from generator.mis.values import compare_key

StaffNames = Mapping[str, tuple[str, str]]  # code -> (name, e-mail)


@dataclass
class ImportedStaff:
    """The staff of an import.

    Args:
        staff: Code -> (name, e-mail).
        roles: (staff, role, scope); None where no list of roles is imported.
    """

    staff: dict[str, tuple[str, str]] = field(default_factory=dict)
    roles: set[tuple[str, str, str]] | None = None


def read_staff(
    exports: Exports,
    classes: ImportedClasses,
    stored: StaffNames,
    earlier: StaffNames,
    problems: ProblemLog,
) -> ImportedStaff:
    """Read staff and roles, and put the codes of teachers into the classes.

    Where neither the import nor the store has a staff list, the teachers of the classes
    are the staff.

    Args:
        exports: The import.
        classes: The classes; teachers named in full get their codes.
        stored: The staff of this academic year in the store.
        earlier: The staff of the latest earlier year, for names and addresses.
        problems: Receives warnings and refusals.
    """
    imported = ImportedStaff()
    first_rows: dict[str, ExportRow] = {}
    for row in exports.rows_of_kind("staff"):
        _add_member(row, stored, imported, first_rows, problems)
    staff = _StaffCodes({**stored, **imported.staff})
    known_names = _names_beside_codes(exports)
    for class_row in classes.rows.values():
        names = [name for name in str(class_row["teachers"]).split(";") if name]
        codes = list(dict.fromkeys(map(staff.code, names)))
        class_row["teachers"] = ";".join(codes)
        if not staff.names:
            for code in codes:
                name, email = earlier.get(code, ("", ""))
                imported.staff.setdefault(
                    code, (name or known_names.get(code, ""), email)
                )
    if staff.names:
        _warn_unknown_teachers(exports, staff, problems)
    if exports.of_kind("roles"):
        imported.roles = set()
        for row in exports.rows_of_kind("roles"):
            _add_role(row, staff, imported.roles, problems)
    return imported


def _names_beside_codes(exports: Exports) -> dict[str, str]:
    """Code -> name, of teachers whose class lists give both."""
    names: dict[str, str] = {}
    for table in exports.of_kind("classes", "class list"):
        if table.has("teacher") and table.has("teacher_name"):
            for row in table.rows:
                codes = split_teachers(row["teacher"])
                full = split_teachers(row["teacher_name"])
                if len(codes) == len(full):
                    for code, name in zip(codes, full, strict=True):
                        names.setdefault(code, name)
    return names


class _StaffCodes:
    """The members of staff, found by code in any case or by name.

    Args:
        names: Code -> (name, e-mail).
    """

    def __init__(self, names: StaffNames) -> None:
        self.names = names
        self._codes: defaultdict[str, set[str]] = defaultdict(set)
        self._same_name: defaultdict[str, list[str]] = defaultdict(list)
        for code, (name, _) in sorted(names.items()):
            self._codes[compare_key(code)].add(code)
            self._same_name[compare_key(name)].append(code)
            if name:
                self._codes[compare_key(name)].add(code)

    def code(self, text: str) -> str:
        """The code of the only member with a code or name; else the text."""
        if text in self.names:
            return text
        codes = self._codes.get(compare_key(text), ())
        return min(codes) if len(codes) == 1 else text

    def with_name(self, name: str) -> list[str]:
        """The codes of all members with a name."""
        return self._same_name.get(compare_key(name), [])


def _add_member(
    row: ExportRow,
    stored: StaffNames,
    imported: ImportedStaff,
    first_rows: dict[str, ExportRow],
    problems: ProblemLog,
) -> None:
    code = row["staff"]
    parts = (row["title"], row["forename"], row["surname"])
    name = row["name"] or row["pupil_name"] or " ".join(part for part in parts if part)
    if not code:
        problems.refuse(
            row,
            "staff",
            "staff-not-named",
            f"{name or 'The row'} has no staff code.",
            "Give the code that the timetable uses.",
            value="",
        )
    elif code in first_rows and imported.staff[code] != (name, row["email"]):
        problems.refuse(
            row,
            "staff",
            "staff-twice",
            f"The staff code {code} is that of {imported.staff[code][0]} already, in "
            f"{first_rows[code].table.file} {first_rows[code].place('staff')}.",
            "Give each member of staff one code of their own.",
            value=code,
        )
    else:
        before = stored.get(code, ("", ""))
        imported.staff[code] = (name or before[0], row["email"] or before[1])
        first_rows.setdefault(code, row)


def _warn_unknown_teachers(
    exports: Exports, staff: _StaffCodes, problems: ProblemLog
) -> None:
    for row in exports.rows_of_kind("classes", "class list"):
        if row.is_refused:
            continue
        for name in teachers_of(row):
            if staff.code(name) in staff.names:
                continue
            if several := staff.with_name(name):
                problems.warn(
                    row,
                    "teacher",
                    "teacher-unclear",
                    f"The teacher {name!r} could be any of {', '.join(several)}.",
                    "Give the code instead of the name.",
                    value=name,
                )
            else:
                problems.warn(
                    row,
                    "teacher",
                    "teacher-unknown",
                    f"The teacher {name!r} is not in the staff list.",
                    "Check the code, or import the staff list that has it.",
                    value=name,
                )


def _add_role(
    row: ExportRow,
    staff: _StaffCodes,
    roles: set[tuple[str, str, str]],
    problems: ProblemLog,
) -> None:
    code = staff.code(row["staff"])
    role = values.read_role(row["role"])
    if not code or not role.value:
        problems.refuse(
            row,
            "staff" if not code else "role",
            "role-incomplete",
            "The row names no member of staff." if not code else "It names no role.",
            "Give both the staff code and the role, or take the row out.",
            value=row["role"] if not code else code,
        )
        return
    if staff.names and code not in staff.names:
        problems.warn(
            row,
            "staff",
            "staff-unknown",
            f"{code!r} is not in the staff list.",
            "Check the code, or import the staff list that has it.",
        )
    if role.doubt:
        problems.warn(
            row,
            "role",
            "value-not-recognised",
            f"{row['role']!r} {role.doubt}.",
            "Check it; the row is imported all the same.",
        )
    roles.add((code, role.value, row["scope"]))
