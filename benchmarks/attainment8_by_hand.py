"""Attainment 8 of one pupil at a time, as one would with pencil and paper.

The oracle of the tests and the yardstick of the benchmark: the same rules, written
without any thought of speed.
"""

from __future__ import annotations

import pandas as pd

from udfs.tables import Tables

EBACC = ("science", "combined_science", "humanities", "languages")
ENGLISH = ("english_language", "english_literature")


def of_one_pupil(rows: pd.DataFrame, tables: Tables) -> pd.Series:
    """Points of one pupil's rows (`subject`, `grade`) in sixtieths, by the rules."""
    graded: dict[str, list[tuple[int, str]]] = {}
    slots = []
    missing = 0
    best: dict[str, tuple[int, str]] = {}
    for name, grade in zip(rows["subject"], rows["grade"], strict=True):
        subject = tables.subject(name)
        read = tables.scale(subject.scale).read(grade, tables.codes)
        if read.value == "N/T" or subject.slot == "none":
            continue
        slots.append(subject.slot)
        if read.kind != "grade":
            missing += 1
            continue
        points = tables.scale(subject.scale).points(read.value)
        group = subject.discount or name
        if group not in best or points > best[group][0]:
            best[group] = (points, subject.slot)
    for points, slot in best.values():
        graded.setdefault(slot, []).append((points, slot))
        if slot == "combined_science":
            graded[slot].append((points, slot))

    def drawn(wanted, count):
        there = sorted(
            (one for slot in wanted for one in graded.get(slot, [])), reverse=True
        )[:count]
        for one in there:
            graded[one[1]].remove(one)
        return [points for points, _ in there]

    english = drawn(ENGLISH, 1)
    doubled = 2 if all(slot in slots for slot in ENGLISH) else 1
    maths = drawn(("maths",), 1)
    ebacc = drawn(EBACC, 3)
    opened = drawn((*ENGLISH, "maths", *EBACC, "creative", "open"), 3)
    answer = {
        "complete": missing == 0,
        "missing": missing,
        "english": doubled * sum(english),
        "maths": 2 * sum(maths),
        "ebacc": sum(ebacc),
        "open": sum(opened),
        "filled": doubled * len(english) + 2 * len(maths) + len(ebacc) + len(opened),
    }
    answer["points"] = sum(
        answer[name] for name in ("english", "maths", "ebacc", "open")
    )
    return pd.Series(answer)
