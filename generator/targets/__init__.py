"""Targets: drafted for every pupil and subject, and kept with their history."""

from generator.targets.drafting import DraftReport, draft
from generator.targets.journey import HistoryReport, history

__all__ = ["DraftReport", "HistoryReport", "draft", "history"]
