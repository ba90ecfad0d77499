"""The report of a correction by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.report import Report
from udfs.errors import MarkbookError

REASON_LENGTH = 500


class CorrectionRefused(MarkbookError):
    """A correction that cannot be made; nothing is stored."""


@dataclass(frozen=True, slots=True)
class CorrectionReport(Report):
    """What a correction changed.

    Args:
        id: Its id (`K7`); empty where nothing had to change.
        sentences: What was changed, in sentences.
        values: What programs are told beside the id.
    """

    id: str
    sentences: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The report for other programs."""
        return {"id": self.id, **self.values, "problems": self.problem_rows()}

    def lines(self) -> list[str]:
        """The report in sentences."""
        if not self.id:
            return list(self.sentences)
        return [*self.sentences, f"To take it back: markbook undo {self.id}."]


def check_reason(why: str) -> str:
    """A person's reason, tidied.

    Raises:
        CorrectionRefused: If there is none, or it is too long to be one.

    >>> check_reason("  typed  wrong ")
    'typed wrong'
    """
    reason = " ".join(why.split())
    if not reason:
        raise CorrectionRefused(
            "A reason is missing.", 'Say why: --why "typed into the wrong row".'
        )
    if len(reason) > REASON_LENGTH:
        raise CorrectionRefused(
            f"The reason has {len(reason)} characters.",
            f"Shorten it to {REASON_LENGTH}.",
        )
    return reason
