"""Targets: drafted, moderated, applied, reviewed, and kept with their history."""

from generator.targets.applied import ApplyReport
from generator.targets.applying import apply
from generator.targets.drafting import DraftReport, draft
from generator.targets.journey import HistoryReport, history
from generator.targets.moderation import moderate, review
from generator.targets.written import ModerationReport

__all__ = [
    "ApplyReport",
    "DraftReport",
    "HistoryReport",
    "ModerationReport",
    "apply",
    "draft",
    "history",
    "moderate",
    "review",
]
