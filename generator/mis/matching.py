"""Match the rows of imports to pupils, by admission number (Adno) or UPN."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from generator.mis.export_tables import ExportRow, Exports, ExportTable
from generator.mis.identifiers import clean_identifier
from generator.mis.problem_log import ProblemLog
from generator.mis.spreadsheet_damage import code_before


@dataclass(frozen=True, slots=True)
class PupilMatch:
    """The pupil whom an Adno and a UPN name.

    Args:
        adno: The pupil's admission number, or None.
        padded: Whether the number lacks its leading zeros in the row.
        upn_owner: Another pupil whom the UPN names, or None.
        candidates: The pupils whose numbers are the same without leading zeros.
    """

    adno: str | None
    padded: bool = False
    upn_owner: str | None = None
    candidates: tuple[str, ...] = ()

    def possible_pupils(self) -> set[str]:
        """All pupils whom the row may be about."""
        pupils = {self.adno, self.upn_owner, *self.candidates}
        return {adno for adno in pupils if adno is not None}


def _loose(adno: str) -> str:
    """An admission number without its leading zeros, in small letters."""
    return adno.lstrip("0").casefold()


class PupilDirectory:
    """The pupils of the store and of the import, found by Adno or UPN."""

    def __init__(self, pupils: Iterable[tuple[str, str]] = ()) -> None:
        self._upns: dict[str, str] = {}  # Adno -> UPN
        self._owners: dict[str, str] = {}  # UPN -> Adno
        self._without_zeros: defaultdict[str, list[str]] = defaultdict(list)
        for adno, upn in pupils:
            self.add(adno, upn)

    def __contains__(self, adno: str) -> bool:
        return adno in self._upns

    def add(self, adno: str, upn: str) -> None:
        """Add a pupil, or another UPN of a pupil."""
        if adno not in self._upns:
            self._without_zeros[_loose(adno)].append(adno)
        if upn or adno not in self._upns:
            self._upns[adno] = upn
        if upn:
            self._owners.setdefault(upn, adno)

    def upn(self, adno: str) -> str:
        """A pupil's UPN; empty where unknown."""
        return self._upns.get(adno, "")

    def with_upn(self, upn: str) -> str | None:
        """The pupil with a UPN, or None."""
        return self._owners.get(upn) if upn else None

    def match(self, adno: str, upn: str) -> PupilMatch:
        """Find the pupil with an Adno, or with a UPN where there is no Adno.

        Without an exact match, the Adno is compared without leading zeros; it matches
        if exactly one pupil fits.

        >>> pupils = PupilDirectory(
        ...     [("004001", "H889400120000"), ("7", ""), ("07", "")]
        ... )
        >>> pupils.match("4001", "").adno, pupils.match("007", "").candidates
        ('004001', ('7', '07'))
        >>> pupils.match("", "H889400120000").adno
        '004001'
        """
        owner = self.with_upn(upn)
        if not adno:
            return PupilMatch(owner)
        pupil, padded = adno if adno in self._upns else None, False
        if pupil is None:
            fits = self._without_zeros.get(_loose(adno), [])
            if len(fits) > 1:
                return PupilMatch(None, candidates=tuple(fits))
            if fits:
                pupil, padded = fits[0], True
        other = owner if pupil is not None and owner not in (None, pupil) else None
        return PupilMatch(pupil, padded, other)

    def match_row(self, row: ExportRow) -> PupilMatch:
        """Find the pupil whom a row's Adno or UPN names."""
        return self.match(row["adno"], row["upn"])


def resolve_pupil_ids(exports: Exports, stored_adnos: Collection[str]) -> None:
    """Decide which columns such as `Pupil ID` are admission numbers.

    A column is one if no table and no store has any other admission numbers, or if
    more than half of its numbers are known. Otherwise its pupils are found by UPN.

    Args:
        exports: The import; its tables are changed in place.
        stored_adnos: The admission numbers in the store.
    """
    adnos = {adno.lstrip("0") for adno in stored_adnos}
    links: dict[str, str] = {}  # another number -> admission number
    for table in exports.tables:
        if table.has("adno") and not _has_other_number(table):
            adnos.update(row["adno"].lstrip("0") for row in table.rows)
            links |= _links(table)
    for table in exports.tables:
        _settle_other_number(table, adnos, links)


def _settle_other_number(
    table: ExportTable, adnos: set[str], links: Mapping[str, str]
) -> None:
    """Read a column such as `Pupil ID` as admission numbers, by what is in it."""
    is_other = _has_other_number(table)
    weak, other = (table.fields.pop(name, None) for name in ("weak_adno", "mis_id"))
    column = weak if weak is not None else other
    if column is None or (table.has("adno") and not is_other):
        return
    cells = [clean_identifier(row.cells.get(column, "")) for row in table.rows]
    filled = len(list(filter(None, cells)))
    if 2 * sum(cell.lstrip("0") in adnos for cell in filter(None, cells)) > filled:
        table.fields["adno"] = column
    elif 2 * sum(cell in links for cell in cells) > filled:
        table.fields["adno"] = column
        for row, cell in zip(table.rows, cells, strict=True):
            row.cells[column] = links.get(cell, cell)
    elif weak is not None and (not adnos or is_other):
        table.fields["adno"] = column


def _has_other_number(table: ExportTable) -> bool:
    """Whether a table's pupils are named by another number than Adno and UPN."""
    others = (table.fields.get("weak_adno", -1), table.fields.get("mis_id", -1))
    return table.fields.get("adno", -2) in others


def _links(table: ExportTable) -> dict[str, str]:
    """Another number of the MIS -> admission number, in a list that has both."""
    return {
        clean_identifier(text): row["adno"]
        for name in ("weak_adno", "mis_id")
        if name in table.fields
        for row in table.rows
        if (text := row.cells.get(table.fields[name], "")) and row["adno"]
    }


def find_pupil(
    row: ExportRow, directory: PupilDirectory, problems: ProblemLog
) -> str | None:
    """Return the pupil whom a row names; refuse a row that names none."""
    adno, upn = row["adno"], row["upn"]
    match = directory.match_row(row)
    name = "adno" if adno else "upn"
    if match.upn_owner is not None:
        refuse_two_pupils(row, match, problems)
    elif match.adno is not None:
        if match.padded:
            warn_leading_zeros(row, match.adno, problems)
        stored_upn = directory.upn(match.adno)
        if adno and upn and stored_upn and upn != stored_upn:
            problems.warn(
                row,
                "upn",
                "upn-differs",
                f"Pupil {match.adno} has another UPN, {stored_upn}; the Adno was "
                "followed.",
                "Check which UPN is right.",
                adno=match.adno,
            )
        return match.adno
    elif was := code_before(adno):
        refuse_damaged(row, "adno", was, problems)
    elif match.candidates:
        problems.refuse(
            row,
            name,
            "pupil-unclear",
            f"{adno!r} could be any of {', '.join(match.candidates)}.",
            "Write the admission number with its leading zeros.",
        )
    else:
        _refuse_unknown(row, adno, upn, problems)
    return None


def _refuse_unknown(row: ExportRow, adno: str, upn: str, problems: ProblemLog) -> None:
    name = "adno" if adno else "upn"
    if not adno and not upn:
        problems.refuse(
            row,
            "adno" if row.table.has("adno") else "upn",
            "pupil-not-named",
            "The row has neither an admission number nor a UPN.",
            "Give one of them; pupils are never matched by name.",
            value="",
        )
    else:
        problems.refuse(
            row,
            name,
            "pupil-unknown",
            f"No pupil has the {'admission number' if adno else 'UPN'} "
            f"{adno or upn!r}.",
            "Check the number, or import the pupil list that has this pupil.",
            value=adno or upn,
        )


def refuse_damaged_classes(
    exports: Exports, stored: Collection[str], problems: ProblemLog
) -> None:
    """Refuse rows whose class code a spreadsheet has made a date or a number of.

    The row then holds the code that was probably meant: nobody leaves that class.
    """
    for row in exports.rows_of_kind("classes", "class list", "memberships"):
        if was := code_before(row["class"], stored):
            refuse_damaged(row, "class", was, problems)
            row.cells[row.table.fields["class"]] = was


def refuse_damaged(row: ExportRow, name: str, was: str, problems: ProblemLog) -> None:
    """Refuse a row whose number or code a spreadsheet has made something else of."""
    text = row.raw(name)
    called = "admission number" if name == "adno" else name
    problems.refuse(
        row,
        name,
        "code-damaged",
        f"The {called} {text!r} is what a spreadsheet made of a code, probably {was}.",
        "Export the list again, and import the file as the MIS wrote it.",
        value=text,
    )


def refuse_two_pupils(row: ExportRow, match: PupilMatch, problems: ProblemLog) -> None:
    """Refuse a row whose Adno and UPN name two different pupils."""
    adno, upn = row["adno"], row["upn"]
    problems.refuse(
        row,
        "upn",
        "two-pupils-named",
        f"Adno {adno} is one pupil and UPN {upn} is another, {match.upn_owner}.",
        "Put the wrong one of the two right.",
        value=f"{adno} / {upn}",
        adno=match.adno or "",
    )


def warn_leading_zeros(row: ExportRow, pupil: str, problems: ProblemLog) -> None:
    """Report that a number was matched without its leading zeros, or in any case."""
    if row["adno"].lstrip("0") != pupil.lstrip("0"):
        problems.warn(
            row,
            "adno",
            "adno-case",
            f"Admission numbers differ in capital letters: {row['adno']!r} was taken "
            f"as {pupil!r}.",
            "Nothing, if that is right; else write them as the MIS does.",
            once="case",
        )
        return
    problems.warn(
        row,
        "adno",
        "leading-zeros",
        f"Admission numbers differ in their leading zeros: {row['adno']!r} was taken "
        f"as {pupil!r}.",
        "Nothing, if that is right; else export them as text.",
        once="zeros",
    )
