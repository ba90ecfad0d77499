"""The report to parents: one a pupil, and one file a tutor group to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from generator.reports.document import (
    Content,
    Document,
    ReportContext,
    group_file,
    personal_file,
    tutor_groups,
)
from generator.reports.fit import parent_fit
from generator.reports.pupil_facts import PupilFacts
from generator.reports.subject_rows import (
    MARKS,
    NO_MARK,
    columns_shown,
    final_year,
    is_young,
    row_content,
    shows_prediction,
    three_lines,
)
from generator.reports.words import join_words, long_date

NAME = "parent"
TEMPLATE = "parent"
GLANCE = ("above", "on", "below", NO_MARK)
MONTHS_OF_SPAN = 6


def documents(
    pupils: Sequence[PupilFacts], context: ReportContext, printing: bool
) -> list[Document]:
    """A report for each pupil, and a file for each tutor group.

    Args:
        pupils: The pupils, in the order of the files to print.
        context: What all documents share.
        printing: Whether the files to print are wanted.
    """
    words, collection = context.words, context.collection.title
    contents = {pupil.adno: content(pupil, context) for pupil in pupils}
    personal = [
        Document(
            NAME, TEMPLATE, personal_file(NAME, pupil, context), (pupil,),
            content=context.shared(
                words("titles", "parent", pupil=pupil.name, collection=collection)
            ) | {"reports": [contents[pupil.adno]]},
        )
        for pupil in pupils
    ]  # fmt: skip
    if not printing:
        return personal
    return personal + [
        Document(
            NAME, TEMPLATE, group_file(NAME, reg, context), tuple(members),
            content=context.shared(
                words("titles", "parent_group", group=reg, collection=collection)
            ) | {"reports": [contents[pupil.adno] for pupil in members]},
            personal=False,
        )
        for reg, members in tutor_groups(pupils).items()
    ]  # fmt: skip


def content(pupil: PupilFacts, context: ReportContext) -> Content:
    """What a pupil's report prints."""
    words = context.words
    rows = [row_content(subject, pupil, context) for subject in pupil.subjects]
    if not pupil.answered:
        rows = []
    heads = [words("heads", "subject" if "teacher" in context.settings.show
                   else "subject_only"), words("heads", "progress")]  # fmt: skip
    heads += [words("heads", name) for name in columns_shown(pupil, context)]
    who = "who_tutor" if pupil.tutor else "who"
    report: Content = {
        "name": pupil.name,
        "who": words("page", who, year=pupil.year, reg=pupil.reg, tutor=pupil.tutor),
        "foot": words("page", "foot", pupil=pupil.name, reg=pupil.reg,
                      school=context.school),
        "short": {"title": words("page", "short"),
                  "lines": three_lines(pupil, context)},
        "glance": _glance(pupil, context),
        "subjects_title": words("page", "subjects"),
        "heads": heads,
        "rows": rows,
        "notes": _notes(pupil, context),
        "parts": _parts(pupil, context),
        "wide_parts": _wide_parts(pupil, context),
        "meaning_title": words("page", "meaning"),
        "meaning": _meaning(pupil, context) if rows else [],
    }  # fmt: skip
    return report | {"fit": parent_fit(report)}


def _glance(pupil: PupilFacts, context: ReportContext) -> Content:
    marks = [MARKS.get(subject.flag, NO_MARK) for subject in pupil.subjects]
    if not pupil.answered:
        marks = []
    counts = {name: marks.count(name) for name in GLANCE}
    return {
        "marks": sorted(marks, key=GLANCE.index),
        "alt": context.words("glance", "alt", **counts),
    }


def _notes(pupil: PupilFacts, context: ReportContext) -> list[str]:
    words = context.words
    if not pupil.answered:
        names = join_words([subject.subject for subject in pupil.subjects])
        return [words("notes", "not_reported", subjects=names)] if names else []
    notes = _moves(pupil, context) if shows_prediction(pupil, context) else []
    away = _away(pupil, context)
    if is_young(pupil) and away and any(s.target for s in pupil.subjects):
        notes.append(words("notes", "young", last=final_year(pupil), away=away))
    return notes


def _moves(pupil: PupilFacts, context: ReportContext) -> list[str]:
    """The predictions that have gone up and down, as a sentence."""
    moves = [(s.subject, s.movement) for s in pupil.subjects if s.movement]
    up = join_words([name for name, movement in moves if movement > 0])
    down = join_words([name for name, movement in moves if movement < 0])
    name = "_".join(n for n, names in (("up", up), ("down", down)) if names)
    if not name:
        return []
    return [context.words("notes", name, up=up, down=down, subjects=up or down)]


def _away(pupil: PupilFacts, context: ReportContext) -> str:
    """How far away the end of the course is, in words; empty if it is near."""
    end, today = _summer(pupil, context), context.today
    months = (end - today.year) * 12 + 6 - today.month
    halves = str(round(months / MONTHS_OF_SPAN))
    return context.words.parts["spans"].get(halves, "")


def _summer(pupil: PupilFacts, context: ReportContext) -> int:
    """The calendar year in which the pupil's course ends."""
    return int(context.academic_year[:4]) + 1 + final_year(pupil) - pupil.year


def _parts(pupil: PupilFacts, context: ReportContext) -> list[Content]:
    """The parts beside each other: those with nothing to say are left out."""
    comments = dict(pupil.comments)
    tutor = [comments["tutor"]] if "tutor" in comments else []
    if tutor and pupil.tutor:
        tutor.append(pupil.tutor)
    parts = (
        ("attendance", _attendance(pupil, context)),
        ("behaviour", _behaviour(pupil, context)),
        ("tutor", tutor),
        ("year", [comments["year"]] if "year" in comments else []),
        ("discuss", _discuss(pupil, context)),
    )
    return [_part(name, lines, context) for name, lines in parts if lines]


def _wide_parts(pupil: PupilFacts, context: ReportContext) -> list[Content]:
    words = context.words
    results = [words("results", "result", subject=subject,
                     grade=words.known("grades", grade))
               for subject, grade in pupil.results]  # fmt: skip
    return [_part("results", [" · ".join(results)], context)] if results else []


def _part(name: str, lines: Sequence[str], context: ReportContext) -> Content:
    return {"title": context.words("parts", name), "lines": list(lines)}


def _attendance(pupil: PupilFacts, context: ReportContext) -> list[str]:
    words, totals = context.words, pupil.attendance
    if totals is None or not totals.possible:
        if pupil.attendance_share is None:
            return []
        share = f"{pupil.attendance_share:.1f}"
        return [words("attendance", "share_only", share=share)]
    lines = []
    if isinstance(totals.first, date) and isinstance(totals.last, date):
        lines.append(words("attendance", "period", first=long_date(totals.first),
                           last=long_date(totals.last)))  # fmt: skip
    for name in ("attended", "authorised", "unauthorised"):
        count = getattr(totals, name)
        if count is None:
            continue
        lines.append(words(
            "attendance", name, possible=totals.possible,
            share=f"{100 * count / totals.possible:.1f}", **{name: count},
        ))  # fmt: skip
    if totals.late is not None:
        name = {0: "never", 1: "once"}.get(totals.late, "times")
        times = words("attendance", name, count=totals.late)
        lines.append(words("attendance", "late", times=times))
    return lines


def _behaviour(pupil: PupilFacts, context: ReportContext) -> list[str]:
    words = context.words
    lines = []
    if pupil.achievement:
        name = "good_one" if pupil.achievement == 1 else "good"
        lines.append(words("behaviour", name, count=pupil.achievement))
    if pupil.behaviour is not None:
        name = {0: "poor_none", 1: "poor_one"}.get(pupil.behaviour, "poor")
        lines.append(words("behaviour", name, count=pupil.behaviour))
    praised = [subject.subject for subject in pupil.subjects if subject.praised]
    if praised:
        lines.append(words("behaviour", "praised", subjects=join_words(praised)))
    return lines


def _discuss(pupil: PupilFacts, context: ReportContext) -> list[str]:
    settings, words = context.settings, context.words
    if settings.discuss or settings.contact:
        return [text for text in (settings.discuss, settings.contact) if text]
    if pupil.tutor:
        return [words("talk", "tutor", tutor=pupil.tutor)]
    return [words("talk", "nobody")]


def _meaning(pupil: PupilFacts, context: ReportContext) -> list[list[str]]:
    words = context.words
    columns = columns_shown(pupil, context)
    meaning = [
        (name, f"{name}_text")
        for name in ("target", "aspirational", "prediction")
        if name in columns
    ]
    progress = "progress_text"
    if context.collection.style == "judgement":
        progress = "progress_judgement"
    elif is_young(pupil):
        progress = "progress_young"
    meaning.append(("progress", progress))
    if "effort" in columns:
        meaning.append(("effort", "effort_text"))
    pairs = [s.subject for s in pupil.subjects if s.subject in context.pairs]
    if pairs and "target" in columns:
        meaning.append(("pair", "pair_text"))
    values = {
        "name": pupil.forename,
        "last": final_year(pupil),
        "summer": _summer(pupil, context),
        "words": join_words(list(words.parts["effort"].values())),
        "subject": join_words(pairs),
    }
    return [[words("meaning", name), words("meaning", text, **values)]
            for name, text in meaning]  # fmt: skip
