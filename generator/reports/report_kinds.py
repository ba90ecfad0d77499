"""The kinds of document by name, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from generator.reports.document import Document, ReportContext
from generator.reports.kinds import parent, plan, slips, target_day
from generator.reports.pupil_facts import PupilFacts

Plan: TypeAlias = Callable[[Sequence[PupilFacts], ReportContext, bool], list[Document]]

# Name -> the documents of some pupils, with the files to print or without them.
REPORT_KINDS: Mapping[str, Plan] = {
    parent.NAME: parent.documents,
    plan.NAME: plan.documents,
    slips.NAME: slips.documents,
    target_day.NAME: target_day.documents,
}
