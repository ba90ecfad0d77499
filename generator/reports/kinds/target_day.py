"""The sheet of a target day: where each target starts from, and what is agreed."""

from __future__ import annotations

from collections.abc import Sequence

from generator.reports.document import Content, Document, ReportContext, personal_file
from generator.reports.pupil_facts import PupilFacts, SubjectFacts
from generator.reports.subject_rows import NOTHING, grade_text

NAME = "target-day"


def documents(
    pupils: Sequence[PupilFacts], context: ReportContext, printing: bool
) -> list[Document]:
    """A sheet for each pupil."""
    collection = context.collection.title
    return [
        Document(
            NAME, NAME, personal_file(NAME, pupil, context), (pupil,),
            content=context.shared(context.words(
                "titles", NAME, pupil=pupil.name, collection=collection
            )) | {"reports": [_sheet(pupil, context)]},
        )
        for pupil in pupils
    ]  # fmt: skip


def _sheet(pupil: PupilFacts, context: ReportContext) -> Content:
    words = context.words
    who = "who_tutor" if pupil.tutor else "who"
    return {
        "name": pupil.name,
        "who": words("page", who, year=pupil.year, reg=pupil.reg, tutor=pupil.tutor),
        "foot": words("page", "foot", pupil=pupil.name, reg=pupil.reg,
                      school=context.school),
        "explained": words("target_day", "explained", name=pupil.forename),
        "titles": {name: words("target_day", name) for name in ("targets", "agreed")},
        "heads": [words("heads", "subject_only"), words("heads", "target"),
                  words("target_day", "last"), words("target_day", "start")],
        "rows": [
            {
                "subject": subject.subject,
                "target": grade_text(subject.target, context),
                "last": grade_text(subject.last, context),
                "start": _start(subject, pupil, context),
            }
            for subject in pupil.subjects
        ],
        "signed": [words("plan", f"signed_{name}")
                   for name in ("pupil", "home", "tutor")],
    }  # fmt: skip


def _start(subject: SubjectFacts, pupil: PupilFacts, context: ReportContext) -> str:
    """What the target starts from, in words and without a score."""
    if not subject.target:
        return NOTHING
    starts = context.words.parts["target_day"]
    name = subject.baseline if subject.baseline in starts else "none"
    return context.words("target_day", name, name=pupil.forename)
