"""What `Over time` tells of a pupil besides marks: queries answered, help running."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from generator.store import answers
from generator.store.interventions import interventions, running

ASKED, RUNNING = "asked", "running"
TOLD = (ASKED, RUNNING)
Told = Mapping[tuple[str, str], Mapping[str, str]]  # (subject, adno) -> key -> text


def told(
    connection: Connection,
    frame: pd.DataFrame,
    marks: pd.DataFrame,
    earlier: tuple[str, ...],
    *,
    today: date,
) -> Told:
    """The latest query of each pupil and subject, and what is being done for them.

    Args:
        connection: A transaction of the store.
        frame: The pupils and subjects asked about (adno, subject).
        marks: The marks as they stand.
        earlier: The codes of the earlier collections, oldest first.
        today: What has begun and not ended by then is running.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    answered = {
        (row["adno"], row["subject"], row["collection"]): row
        for row in answers.answers(connection).to_dict("records")
    }
    place = {code: at for at, code in enumerate(earlier)}
    asked = marks.loc[marks["collection"].isin(earlier)]
    if "target_query" in asked:
        asked = asked.loc[asked["target_query"].fillna("").str.strip().ne("")]
        asked = asked.assign(place=asked["collection"].map(place)).sort_values("place")
        for adno, subject, code, query in zip(
            asked["adno"],
            asked["subject"],
            asked["collection"],
            asked["target_query"],
            strict=True,
        ):
            answer = answered.get((adno, subject, code))
            text = f"{code}: {query}"
            if answer and answer["answer"]:
                by = f" ({answer['answered_by']})" if answer["answered_by"] else ""
                text += f" → {answer['answer']}{by}"
            found.setdefault((subject, adno), {})[ASKED] = text
    helped = interventions(connection)
    helped = helped.loc[running(helped, today)]
    subjects: dict[str, list[str]] = {}
    for adno, subject in zip(frame["adno"], frame["subject"], strict=True):
        subjects.setdefault(adno, []).append(subject)
    for adno, subject, what, who, whose in zip(
        helped["adno"],
        helped["subject"],
        helped["what"],
        helped["who"],
        helped["department_or_pastoral"],
        strict=True,
    ):
        # A teacher need not know what a pupil talks to the counsellor about.
        private = whose.strip().casefold() == "pastoral"
        said = "Pastoral support" if private else what
        text = f"{said} ({who})" if who else said
        for one in subjects.get(adno, []):
            # One without a subject is for the pupil, whoever teaches them.
            if subject in ("", one):
                mine = found.setdefault((one, adno), {})
                mine[RUNNING] = "; ".join(filter(None, (mine.get(RUNNING), text)))
    return found
