"""The slope of this school's own results on prior attainment, from the store."""

from __future__ import annotations

from sqlalchemy import Connection

from generator.records.results import results
from generator.store import roster
from udfs.anchor import Line, own_line
from udfs.baselines import Scores, start_of
from udfs.subjects import Subject
from udfs.tables import Tables

LAST = 11  # the year group at the end of which the results are


def past_lines(
    connection: Connection, tables: Tables, *, before: str
) -> dict[Subject, Line]:
    """The line of each subject in which enough results are in the store.

    Args:
        connection: A transaction of the store.
        tables: Subjects, scales, and the scores that stand in for codes.
        before: Results of the academic years before this one count.

    Returns:
        Subject, without the name the school gives it -> its line; none for a subject
        with results of fewer than 30 pupils of Year 11 with a score.
    """
    found = results(connection)
    found = found.loc[
        (found["academic_year"] < before) & found["points"].notna()
        & found["year"].eq(LAST).fillna(False)
    ]  # fmt: skip
    scores = roster.pupils(connection)[["adno", "ks2_reading", "ks2_maths"]]
    found = found.merge(scores, on="adno", how="inner")
    kept: dict[Subject, tuple[list[tuple[int, int]], set[str]]] = {}
    asked = ["subject", "grade", "academic_year", "ks2_reading", "ks2_maths"]
    for name, grade, year, reading, maths in found[asked].to_numpy().tolist():
        subject = tables.subject(name)
        scale = tables.scale(subject.scale)
        if scale.find(grade) is None:  # the subject has another scale by now
            continue
        start, _ = start_of(
            subject, Scores(reading, maths, LAST), tables, academic_year=year
        )
        if start is None:
            continue
        rows, years = kept.setdefault(subject.called(""), ([], set()))
        rows.append((start.halves, scale.level(grade)))
        years.add(year)
    lines = {
        subject: own_line(rows, tuple(sorted(years)))
        for subject, (rows, years) in kept.items()
    }
    return {subject: line for subject, line in lines.items() if line is not None}
