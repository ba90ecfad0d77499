"""Targets: drafting, moderation, review, and their history."""

from generator.targets.applying import ApplyReport, apply
from generator.targets.drafting import DraftReport, draft
from generator.targets.moderation import ModerationReport, moderate, review
from generator.targets.target_versions import HistoryReport, history

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
