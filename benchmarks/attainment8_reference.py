"""A reference implementation of Attainment 8, one pupil at a time.

The oracle of the tests and the baseline of the benchmark: the same rules, written
without regard to speed.
"""

from __future__ import annotations

import pandas as pd

from udfs.tables import Tables

EBACC = ("science", "combined_science", "humanities", "languages")
ENGLISH = ("english_language", "english_literature")


def pupil_attainment8(rows: pd.DataFrame, tables: Tables) -> pd.Series:
    """The Attainment 8 of one pupil's rows (`subject`, `grade`), in sixtieths."""
    graded: dict[str, list[tuple[int, str]]] = {}
    slots = []
    missing = 0
    best: dict[str, tuple[int, str]] = {}
    for name, grade in zip(rows["subject"], rows["grade"], strict=True):
        subject = tables.subject(name)
        reading = tables.scale(subject.scale).read(grade, tables.codes)
        if reading.value == "N/T" or subject.slot == "none":
            continue
        slots.append(subject.slot)
        if reading.kind != "grade":
            missing += 1
            continue
        points = tables.scale(subject.scale).points(reading.value)
        group = subject.discount or name
        if group not in best or points > best[group][0]:
            best[group] = (points, subject.slot)
    for points, slot in best.values():
        graded.setdefault(slot, []).append((points, slot))
        if slot == "combined_science":
            graded[slot].append((points, slot))

    def fill(slot_names, count):
        best_grades = sorted(
            (grade for slot in slot_names for grade in graded.get(slot, [])),
            reverse=True,
        )[:count]
        for grade in best_grades:
            graded[grade[1]].remove(grade)
        return [points for points, _ in best_grades]

    english = fill(ENGLISH, 1)
    doubled = 2 if all(slot in slots for slot in ENGLISH) else 1
    maths = fill(("maths",), 1)
    ebacc = fill(EBACC, 3)
    opened = fill((*ENGLISH, "maths", *EBACC, "creative", "open"), 3)
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
