"""A pupil's subjects in words: progress, effort, what goes best, what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.reports.document import ReportContext
from generator.reports.pupil_facts import PupilFacts, SubjectFacts
from generator.reports.words import join_words

OLDER = 10  # the first year of Key Stage 4
LAST_YEAR, LAST_SIXTH_FORM_YEAR = 11, 13
FLAG_NAMES = {
    "Above": "above", "On": "on", "Below": "below", "Well below": "well_below",
}  # fmt: skip
MARKS = {"Above": "above", "On": "on", "Below": "below", "Well below": "below"}
NO_MARK = "none"
NOTHING = "–"


def is_young(pupil: PupilFacts) -> bool:
    """Whether the pupil is in Years 7 to 9, where targets are years away."""
    return pupil.year < OLDER


def final_year(pupil: PupilFacts) -> int:
    """The year group at whose end the pupil's targets are due."""
    return LAST_YEAR if pupil.year <= LAST_YEAR else LAST_SIXTH_FORM_YEAR


def progress_word(
    subject: SubjectFacts, pupil: PupilFacts, context: ReportContext
) -> str:
    """Progress in words: the flag, the meaning of a code, or why there is none."""
    words, name = context.words, FLAG_NAMES.get(subject.flag)
    if name is not None:
        if context.collection.style == "judgement":
            return words("judgement", name)
        if name == "well_below" and is_young(pupil):
            name = "young_well_below"
        return words("flags", name)
    if subject.prediction in words.parts["codes"]:
        return words("codes", subject.prediction)
    if not subject.answered:
        return words("no_flag", "no_mark")
    if not subject.target:
        return words("no_flag", "no_target")
    return words("no_flag", "no_mark")


def grade_text(grade: str, context: ReportContext) -> str:
    """A grade in words that a parent knows; a dash where there is none.

    A code (`Abs`) stands in the column of progress, so here it is a dash.
    """
    if not grade or grade in context.words.parts["codes"]:
        return NOTHING
    return context.words.known("grades", grade)


def effort_text(subject: SubjectFacts, context: ReportContext) -> str:
    """Effort in the school's words; a dash where there is none."""
    return context.words.known("effort", subject.effort) or NOTHING


def shown_ways(subject: SubjectFacts, context: ReportContext) -> tuple[str, ...]:
    """The ways to improve that the school's settings allow."""
    return subject.ways[: context.settings.ways]


def best_subjects(pupil: PupilFacts, context: ReportContext) -> list[SubjectFacts]:
    """The two subjects that go best: above target first, then by effort and gap."""
    ranks = context.words.ranks()
    good = [subject for subject in pupil.subjects if subject.good]
    return sorted(good, key=lambda s: (
        s.flag != "Above", ranks.get(s.effort, len(ranks)), -(s.gap or 0), s.subject,
    ))[:2]  # fmt: skip


def weakest_subjects(pupil: PupilFacts, context: ReportContext) -> list[SubjectFacts]:
    """The subjects below target, the furthest below first, then by effort."""
    ranks = context.words.ranks()
    low = [subject for subject in pupil.subjects if subject.low]
    return sorted(low, key=lambda s: (
        s.gap or 0, s.flag != "Well below", -ranks.get(s.effort, -1), s.subject,
    ))  # fmt: skip


def three_lines(pupil: PupilFacts, context: ReportContext) -> list[list[str]]:
    """How it is going, what goes best and what to do first."""
    words = context.words
    return [
        [words("short", "going"), _going(pupil, context)],
        [words("short", "best"), _best(pupil, context)],
        [words("short", "first"), _first(pupil, context)],
    ]


def _going(pupil: PupilFacts, context: ReportContext) -> str:
    judged = [subject for subject in pupil.subjects if subject.flag]
    good = sum(subject.good for subject in judged)
    if judged:
        name = "going_some"
        if good == len(judged):
            name = "going_all"
        elif good == 0:
            name = "going_none"
    elif not pupil.answered:
        name = "going_nothing"
    else:
        name = "going_no_target"
    return context.words(
        "short", name, name=pupil.forename, good=good, total=len(judged)
    )


def _best(pupil: PupilFacts, context: ReportContext) -> str:
    words, ranks = context.words, context.words.ranks()
    best = best_subjects(pupil, context)
    if best:
        names = []
        for subject in best:
            tries = ranks.get(subject.effort, len(ranks)) < len(ranks) / 2
            names.append(words(
                "short", "best_effort" if tries else "best_subject",
                subject=subject.subject,
                progress=_lower(progress_word(subject, pupil, context)),
                effort=_lower(effort_text(subject, context)),
            ))  # fmt: skip
        return join_words(names) + "."
    tried = sorted(
        (ranks[s.effort], s.subject) for s in pupil.subjects if s.effort in ranks
    )
    if not tried:
        return words("short", "best_nothing")
    hardest = [name for rank, name in tried if rank == tried[0][0]][:2]
    return words("short", "best_tried", name=pupil.forename,
                 subjects=join_words(hardest))  # fmt: skip


def _first(pupil: PupilFacts, context: ReportContext) -> str:
    words = context.words
    weakest = weakest_subjects(pupil, context)
    with_ways = [s for s in pupil.subjects if shown_ways(s, context)]
    first = next(iter(weakest or with_ways), None)
    if first is None:
        judged = any(subject.flag for subject in pupil.subjects)
        return words("short", "first_keep" if judged else "first_wait")
    ways = shown_ways(first, context)
    if ways:
        return words("short", "first_way", subject=first.subject, way=ways[0])
    if not first.teacher:
        return words("short", "first_ask_nobody", subject=first.subject)
    return words("short", "first_ask", subject=first.subject, teacher=first.teacher)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def row_content(
    subject: SubjectFacts, pupil: PupilFacts, context: ReportContext
) -> dict[str, Any]:
    """One subject's row of the table."""
    ways = list(shown_ways(subject, context))
    if ways and is_young(pupil) and subject.flag == "Well below":
        ways[0] = context.words("notes", "first_step", way=ways[0])
    show = context.settings.show
    return {
        "subject": subject.subject,
        "teacher": subject.teacher if "teacher" in show else "",
        "mark": MARKS.get(subject.flag, NO_MARK),
        "word": progress_word(subject, pupil, context),
        "cells": [
            effort_text(subject, context) if column == "effort"
            else grade_text(getattr(subject, column), context)
            for column in columns_shown(pupil, context)
        ],
        "ways": ways,
        "comment": subject.comment if "comment" in show else "",
    }  # fmt: skip


def columns_shown(pupil: PupilFacts, context: ReportContext) -> Sequence[str]:
    """The columns after progress: the targets and predictions shown, and effort."""
    settings = context.settings
    shown: list[str] = []
    shown += [name for name in ("target", "aspirational") if name in settings.show]
    if shows_prediction(pupil, context):
        shown.append("prediction")
    if "effort" in context.collection.asks:
        shown.append("effort")
    return shown


def shows_prediction(pupil: PupilFacts, context: ReportContext) -> bool:
    """Whether this pupil's predictions are shown."""
    settings = context.settings
    return "prediction" in settings.show and pupil.year >= settings.predictions_from
