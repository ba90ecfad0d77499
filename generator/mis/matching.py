"""Which pupil a row of an export means: by Adno, else by UPN, never by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from generator.mis import identifiers as upns
from generator.mis.export_tables import ExportRow, Exports
from generator.mis.problem_log import ProblemLog
from generator.mis.values import identifier


@dataclass(frozen=True, slots=True)
class PupilMatch:
    """What a row's Adno and UPN lead to.

    Args:
        adno: The pupil's admission number as the store has it; None: nobody.
        padded: Whether only the leading zeros differed.
        other: The different pupil that the UPN names, or None.
        several: Pupils whose numbers all fit without their leading zeros.
    """

    adno: str | None
    padded: bool = False
    upn_owner: str | None = None
    candidates: tuple[str, ...] = ()


class PupilDirectory:
    """Everybody an import may mean: pupils of the store and those it brings."""

    def __init__(self, pupils: Iterable[tuple[str, str]] = ()) -> None:
        self._adnos: dict[str, str] = {}  # adno -> upn
        self._bare: defaultdict[str, list[str]] = defaultdict(list)
        self._upns: dict[str, str] = {}
        for adno, upn in pupils:
            self.add(adno, upn)

    def __contains__(self, adno: str) -> bool:
        return adno in self._adnos

    def add(self, adno: str, upn: str) -> None:
        """Take in a pupil, or another UPN of one."""
        if adno not in self._adnos:
            self._bare[adno.lstrip("0")].append(adno)
        if upn or adno not in self._adnos:
            self._adnos[adno] = upn
        if upn:
            self._upns.setdefault(upn, adno)

    def upn(self, adno: str) -> str:
        """A pupil's UPN; empty where unknown."""
        return self._adnos.get(adno, "")

    def with_upn(self, upn: str) -> str | None:
        """The pupil with a UPN, or None."""
        return self._upns.get(upn) if upn else None

    def match(self, adno: str, upn: str) -> PupilMatch:
        """The pupil that an Adno means, failing an Adno the one a UPN means.

        The Adno counts exactly; failing that without its leading zeros, if exactly
        one pupil fits.

        >>> pupils = Directory([("004001", "H889400120000"), ("7", ""), ("07", "")])
        >>> pupils.match("4001", "").adno, pupils.match("007", "").several
        ('004001', ('7', '07'))
        >>> pupils.match("", "H889400120000").adno
        '004001'
        """
        named = self.with_upn(upn)
        if not adno:
            return PupilMatch(named)
        found, padded = adno if adno in self._adnos else None, False
        if found is None:
            fits = self._bare.get(adno.lstrip("0"), [])
            if len(fits) > 1:
                return PupilMatch(None, candidates=tuple(fits))
            if fits:
                found, padded = fits[0], True
        other = named if found is not None and named not in (None, found) else None
        return PupilMatch(found, padded, other)


def ids(line: ExportRow) -> tuple[str, str]:
    """A row's Adno and UPN, as they are compared."""
    return identifier(line["adno"]), upns.normal_upn(identifier(line["upn"]))


def resolve_pupil_ids(exports: Exports, stored: Collection[str]) -> None:
    """Say which columns such as `Pupil ID`, beside a UPN, are admission numbers.

    They are where no list and no store has any other, or where most of them are
    those that are known; else pupils are found by their UPNs.

    Args:
        exports: What was read; changed in place.
        stored: The admission numbers that the store has.
    """
    named = [one for one in exports.tables if one.has("adno")]
    lines = (line for table in named for line in table.rows)
    known = {_bare(identifier(line["adno"])) for line in lines} | set(
        map(_bare, stored)
    )
    for table in exports.tables:
        column = table.fields.pop("weak_adno", None)
        if column is None:
            continue
        cells = [line.cells.get(column, "") for line in table.rows]
        numbers = [_bare(identifier(cell)) for cell in cells if cell]
        if not known or 2 * sum(number in known for number in numbers) > len(numbers):
            table.fields["adno"] = column


def _bare(adno: str) -> str:
    return adno.lstrip("0")


def pupil_of(
    line: ExportRow, directory: PupilDirectory, faults: ProblemLog
) -> str | None:
    """The pupil whom a row names, or None after refusing the row."""
    adno, upn = ids(line)
    match = directory.match(adno, upn)
    field = "adno" if adno else "upn"
    if match.upn_owner is not None:
        refuse_two_pupils(line, match, faults)
    elif match.adno is not None:
        if match.padded:
            warn_leading_zeros(line, adno, match.adno, faults)
        known = directory.upn(match.adno)
        if adno and upn and known and upn != known:
            faults.warn(
                line,
                "upn",
                "upn-differs",
                f"Pupil {match.adno} has another UPN, {known}; the Adno was followed.",
                "Check which UPN is right.",
                adno=match.adno,
            )
        return match.adno
    elif match.candidates:
        faults.refuse(
            line,
            field,
            "pupil-unclear",
            f"{adno!r} could be any of {', '.join(match.candidates)}.",
            "Write the admission number with its leading zeros.",
        )
    elif not adno and not upn:
        faults.refuse(
            line,
            "adno" if "adno" in line.table.fields else "upn",
            "pupil-not-named",
            "The row has neither an admission number nor a UPN.",
            "Give one of them; pupils are never matched by name.",
            value="",
        )
    else:
        faults.refuse(
            line,
            field,
            "pupil-unknown",
            f"No pupil has the {'admission number' if adno else 'UPN'} "
            f"{adno or upn!r}.",
            "Check the number, or import the pupil list that has this pupil.",
            value=adno or upn,
        )
    return None


def refuse_two_pupils(line: ExportRow, match: PupilMatch, faults: ProblemLog) -> None:
    """Leave out a row whose Adno and UPN name two different pupils."""
    adno, upn = ids(line)
    faults.refuse(
        line,
        "upn",
        "two-pupils-named",
        f"Adno {adno} is one pupil and UPN {upn} is another, {match.upn_owner}.",
        "Put the wrong one of the two right.",
        value=f"{adno} / {upn}",
        adno=match.adno or "",
    )


def warn_leading_zeros(
    line: ExportRow, adno: str, found: str, faults: ProblemLog
) -> None:
    """Say that numbers were matched without their leading zeros."""
    faults.warn(
        line,
        "adno",
        "leading-zeros",
        f"Admission numbers differ in their leading zeros: {adno!r} was taken as "
        f"{found!r}.",
        "Nothing, if that is right; else export them as text.",
        once="zeros",
    )
