"""Target slips: a file for each tutor group, eight slips to a page."""

from __future__ import annotations

from collections.abc import Sequence

from generator.reports.document import (
    Content,
    Document,
    ReportContext,
    group_file,
    tutor_groups,
)
from generator.reports.pupil_facts import PupilFacts
from generator.reports.subject_rows import MARKS, NO_MARK, grade_text, progress_word

NAME = "slips"


def documents(
    pupils: Sequence[PupilFacts], context: ReportContext, printing: bool
) -> list[Document]:
    """The slips of each tutor group, or of the pupils named."""
    words = context.words
    return [
        Document(
            NAME, NAME, group_file(NAME, reg, context), tuple(members),
            content=context.shared(words(
                "titles", NAME, group=reg, collection=context.collection.title
            )) | {"reports": [_slip(pupil, context) for pupil in members]},
            personal=False,
        )
        for reg, members in tutor_groups(pupils).items()
    ]  # fmt: skip


def _slip(pupil: PupilFacts, context: ReportContext) -> Content:
    words, show = context.words, context.settings.show
    columns = [name for name in ("target", "aspirational") if name in show]
    return {
        "name": pupil.name,
        "who": words("slips", "who", reg=pupil.reg,
                     collection=context.collection.title),
        "heads": [
            words("heads", "subject_only"),
            *(words("heads", name) for name in columns),
            words("slips", "how"),
        ],
        "rows": [
            {
                "subject": subject.subject,
                "cells": [grade_text(getattr(subject, n), context) for n in columns],
                "mark": MARKS.get(subject.flag, NO_MARK),
                "word": progress_word(subject, pupil, context),
            }
            for subject in pupil.subjects
        ],
    }  # fmt: skip
