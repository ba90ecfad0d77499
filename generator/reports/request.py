"""Which documents are wanted, and of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.reports.pupil_facts import PupilFacts
from generator.reports.report_kinds import REPORT_KINDS
from udfs.errors import MarkbookError

DEFAULT_KIND = "parent"


class NoSuchDocument(MarkbookError):
    """There is no such kind of document; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What to write.

    Args:
        kinds: Kinds of document; none for reports to parents.
        years: Only these year groups; none for all.
        regs: Only these tutor groups; none for all.
        pupils: Only these admission numbers; none for all.
        encrypt: Whether to encrypt each pupil's documents; none is then for several.
    """

    kinds: Sequence[str] = ()
    years: Sequence[int] = ()
    regs: Sequence[str] = ()
    pupils: Sequence[str] = ()
    encrypt: bool = False

    def wants(self, pupil: PupilFacts) -> bool:
        """Whether a pupil is meant."""
        regs = {reg.casefold() for reg in self.regs}
        return (
            (not self.years or pupil.year in self.years)
            and (not regs or pupil.reg.casefold() in regs)
            and (not self.pupils or pupil.adno in self.pupils)
        )

    @property
    def whole(self) -> bool:
        """Whether every pupil of the collection is meant."""
        return not (self.years or self.regs or self.pupils)


def check_kinds(kinds: Sequence[str], collections: Sequence[str] = ()) -> None:
    """Refuse a kind of document that does not exist.

    Args:
        kinds: Names of kinds.
        collections: The codes that the first name may have been meant for.

    Raises:
        NoSuchDocument: If a kind does not exist; the message lists those there are.
    """
    names = ", ".join(REPORT_KINDS)
    for kind in kinds:
        if kind not in REPORT_KINDS:
            listed = f"The collections are: {', '.join(collections)}. " * bool(
                collections
            )
            raise NoSuchDocument(
                f"There is no kind of report {kind!r}.",
                f"{listed}The kinds are: {names}.",
            )
