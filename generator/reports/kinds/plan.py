"""The learning and care plan: what goes well, next steps, who does what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from generator.reports.document import Content, Document, ReportContext, personal_file
from generator.reports.pupil_facts import PupilFacts
from generator.reports.subject_rows import (
    best_subjects,
    effort_text,
    progress_word,
    shown_ways,
    weakest_subjects,
)
from generator.reports.words import join_words, long_date

NAME = "plan"
STEPS = 3


def documents(
    pupils: Sequence[PupilFacts], context: ReportContext, printing: bool
) -> list[Document]:
    """A plan for each pupil."""
    collection = context.collection.title
    return [
        Document(
            NAME, NAME, personal_file(NAME, pupil, context), (pupil,),
            content=context.shared(context.words(
                "titles", NAME, pupil=pupil.name, collection=collection
            )) | {"reports": [_plan(pupil, context)]},
        )
        for pupil in pupils
    ]  # fmt: skip


def _plan(pupil: PupilFacts, context: ReportContext) -> Content:
    words = context.words
    who = "who_tutor" if pupil.tutor else "who"
    heads = ("step", "pupil", "school", "home")
    help_heads = ("what", "who", "when", "pupil", "home")
    return {
        "name": pupil.name,
        "who": words("plan", who, year=pupil.year, reg=pupil.reg, tutor=pupil.tutor),
        "foot": words("page", "foot", pupil=pupil.name, reg=pupil.reg,
                      school=context.school),
        "review": _review(pupil, context),
        "titles": {name: words("plan", name)
                   for name in ("strengths", "steps", "last", "help")},
        "strengths": _strengths(pupil, context),
        "heads": [words("plan", name) for name in heads],
        "steps": _steps(pupil, context),
        "last": words("plan", "outcome"),
        "outcomes": words("plan", "outcomes").split(" / "),
        "help_heads": [words("plan", f"help_{name}") for name in help_heads],
        "help": [_help(row, context) for row in pupil.interventions],
        "no_help": words("plan", "no_help"),
        "views": [words("plan", "pupil_view"), words("plan", "home_view")],
        "signed": [words("plan", f"signed_{name}")
                   for name in ("pupil", "home", "tutor")],
    }  # fmt: skip


def _review(pupil: PupilFacts, context: ReportContext) -> str:
    """The day of the next look: when the year's next collection closes."""
    later = [day for year, day in context.next_days if year == pupil.year]
    if not later:
        return ""
    return context.words("plan", "review", date=long_date(later[0]))


def _strengths(pupil: PupilFacts, context: ReportContext) -> list[str]:
    words = context.words
    strengths = [
        words(
            "plan", "strength_effort" if subject.effort else "strength",
            subject=subject.subject,
            progress=progress_word(subject, pupil, context).lower(),
            effort=effort_text(subject, context).lower(),
        )
        for subject in best_subjects(pupil, context)
    ]  # fmt: skip
    praised = [subject.subject for subject in pupil.subjects if subject.praised]
    if praised:
        strengths.append(words("plan", "praised", subjects=join_words(praised)))
    return strengths


def _steps(pupil: PupilFacts, context: ReportContext) -> list[list[str]]:
    """Two steps of the weakest subjects, and one of the pupil's own."""
    words = context.words
    steps = []
    for subject in weakest_subjects(pupil, context)[: STEPS - 1]:
        ways = shown_ways(subject, context)
        steps.append([subject.subject, ways[0] if ways else words("plan", "ask")])
    return [*steps, *[[words("plan", "own"), ""]] * (STEPS - len(steps))]


def _help(row: Sequence[str], context: ReportContext) -> list[str]:
    what, who, first, last, pupil_view, home_view = row
    days = [long_date(date.fromisoformat(day)) if day else "" for day in (first, last)]
    when = days[0]
    if all(days):
        when = context.words("plan", "period", first=days[0], last=days[1])
    elif days[0]:
        when = context.words("plan", "since", first=days[0])
    return [what, who, when, pupil_view, home_view]
