"""Match the rows of imports to pupils, by admission number (Adno) or UPN."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from generator.mis.export_tables import ExportRow, Exports
from generator.mis.identifiers import clean_identifier
from generator.mis.problem_log import ProblemLog


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
            self._without_zeros[adno.lstrip("0")].append(adno)
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
            fits = self._without_zeros.get(adno.lstrip("0"), [])
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
    for table in exports.tables:
        if table.has("adno"):
            adnos.update(row["adno"].lstrip("0") for row in table.rows)
    for table in exports.tables:
        column = table.fields.pop("weak_adno", None)
        if column is None:
            continue
        cells = [row.cells.get(column, "") for row in table.rows]
        numbers = [clean_identifier(cell).lstrip("0") for cell in cells if cell]
        if not adnos or 2 * sum(number in adnos for number in numbers) > len(numbers):
            table.fields["adno"] = column


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
    elif match.candidates:
        problems.refuse(
            row,
            name,
            "pupil-unclear",
            f"{adno!r} could be any of {', '.join(match.candidates)}.",
            "Write the admission number with its leading zeros.",
        )
    elif not adno and not upn:
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
    return None


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
    """Report that a number was matched without its leading zeros."""
    problems.warn(
        row,
        "adno",
        "leading-zeros",
        f"Admission numbers differ in their leading zeros: {row['adno']!r} was taken "
        f"as {pupil!r}.",
        "Nothing, if that is right; else export them as text.",
        once="zeros",
    )
