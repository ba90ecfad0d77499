"""The pages of the results day pack: comparisons, pupils, next step, actions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.recount.arithmetic import FEW, beyond_chance, listing, mean_of, plural
from tests.recount.attainment import ENGLISH, Entry, Slots
from tests.recount.outcomes import Outcome
from tests.recount.results_day import FINAL, ResultsDayPack
from tests.recount.similar_pupils import compare_means

TABLES = {
    "Subjects": ("Subject",),
    "Class by class": ("Class", "Subject", "Teacher"),
    "Teachers": ("Teacher", "Subject"),
}
TOO_FEW = "too few to conclude"
NOTES = {
    "": "",
    "Above": "predicted too high, beyond chance",
    "Below": "predicted too low, beyond chance",
}
ADDED = {"": "", "Above": "above, beyond chance", "Below": "below, beyond chance"}


def check_comparison(pack: ResultsDayPack, name: str) -> None:
    """Check subjects, classes or teachers: predictions, results and value added."""
    sheet, by = pack.audit[name], TABLES[name]
    rows: dict[tuple[str, ...], list[Outcome]] = {}
    for row in pack.outcomes.rows:
        key = {"Class": row.class_, "Subject": row.subject, "Teacher": row.lead}
        rows.setdefault(tuple(key[heading] for heading in by), []).append(row)
    keys = sorted(rows)
    lines = sheet.lines(*by, "Results")
    assert [tuple(line[heading] for heading in by) for line in lines] == keys
    means = [mean_of(row.error for row in rows[key]) for key in keys]
    sides = dict(zip(keys, beyond_chance(means), strict=True))
    value_added = compare_means(
        {
            key: [
                r for row in rows[key] if (r := pack.outcomes.residual(row)) is not None
            ]
            for key in keys
        }
    )
    sheet.expect("A1", f"{pack.title}: {name.lower()}")
    sheet.expect("A4", _beyond(by[0], sides))
    for key, line, mean in zip(keys, lines, means, strict=True):
        errors = [row.error for row in rows[key] if row.error is not None]
        gaps = [pack.data.gap(row.subject, row.actual, row.target) for row in rows[key]]
        present = [gap for gap in gaps if gap is not None]
        n = len(errors)
        few = TOO_FEW if 0 < n < FEW else ""
        line.expect(
            {
                "Results": len(rows[key]),
                "On or above target": _share([gap >= 0 for gap in present]),
                "Predicted": n,
                "Exact": _share([error == 0 for error in errors]),
                "Within one": _share([abs(error) <= 1 for error in errors]),
                "Too high": _share([error > 0 for error in errors]),
                "Too low": _share([error < 0 for error in errors]),
                "Error": mean.mean,
                "from": mean.low,
                "to": mean.high,
                "Predictions": few or NOTES[sides[key]],
            }
        )
        like = value_added.get(key)
        few = TOO_FEW if like and like.n < FEW else ""
        line.expect(
            {
                "n": like.n if like else 0,
                "Against similar": like.mean if like else None,
                "from 2": like.low if like else None,
                "to 2": like.high if like else None,
                "Drawn in": like.shrunk if like else None,
                "Value added": few or (ADDED[like.side] if like else ""),
            }
        )


def _beyond(noun: str, sides: dict[tuple[str, ...], str]) -> str:
    high, low = (
        [key[0] for key, side_ in sides.items() if side_ == side]
        for side in ("Above", "Below")
    )
    if not high and not low:
        return (
            f"No {noun.lower()} was predicted too high or too low by more than "
            "chance gives."
        )
    texts = [listing(names) if names else "none" for names in (high, low)]
    return f"Beyond chance: predicted too high in {texts[0]}; too low in {texts[1]}."


def charts(pack: ResultsDayPack) -> None:
    sheet = pack.audit["Charts"]
    sheet.expect("A1", pack.title)
    errors: dict[str, list[Fraction]] = {}
    for row in pack.outcomes.rows:
        if row.error is not None:
            errors.setdefault(row.subject, []).append(row.error)
    lines = sheet.lines("Subject", "Error")
    assert [line["Subject"] for line in lines] == sorted(errors)
    for line in lines:
        mean = mean_of(errors[line["Subject"]])
        reach = mean.reach
        line.expect(
            {"n": mean.n, "Error": mean.mean, "from": mean.low, "to": mean.high,
             "±": reach}
        )  # fmt: skip


def pupils(pack: ResultsDayPack) -> None:
    sheet, outcomes = pack.audit["Pupils"], pack.outcomes
    sheet.expect("A1", f"{pack.title}: pupils")
    rows = []
    for adno, own_rows in outcomes.of_pupil.items():
        pupil = pack.data.pupils[adno]
        mean = mean_of(row.error for row in own_rows).mean
        name = (pupil["surname"], pupil["forename"], adno)
        worst = (mean is None, -(mean or 0))
        rows.append((-own_rows[0].year, *worst, *name, mean, own_rows))
    rows.sort(key=lambda row: row[:-2])
    lines = sheet.lines("Adno", "Error in grades")
    assert [line["Adno"] for line in lines] == [row[5] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        adno, mean, own_rows = row[5], row[6], row[7]
        pupil = pack.data.pupils[adno]
        then, now = (outcomes.slots[side][adno] for side in ("predicted", "actual"))
        eight = float(then.points()) if then.complete else None
        line.expect(
            {"Year": own_rows[0].year, "Adno": adno, "Surname": pupil["surname"],
             "Forename": pupil["forename"], "Reg": pupil["reg"],
             "Attainment 8 predicted": eight,
             "Attainment 8": float(now.points()),
             "Apart": None if eight is None else float(now.points()) - eight,
             "Predicted": sum(row.error is not None for row in own_rows),
             "Error in grades": mean,
             "Far below the prediction": _far(own_rows, 1),
             "Far above it": _far(own_rows, -1)}
        )  # fmt: skip


def next_step(pack: ResultsDayPack) -> None:
    sheet, outcomes = pack.audit["Next step"], pack.outcomes
    packs = pack.data.settings.get("packs", {})
    least, points = packs.get("step_in", 5), Fraction(packs.get("step_points", 4))
    both = packs.get("step_english_maths", True)
    rows = []
    for adno in pack.final:
        reached: dict[str, tuple[int, bool, bool]] = {}
        for side in ("actual", "predicted"):
            has = _best_entries(outcomes.slots[side][adno])
            worth = [value for item in has for value in _grades_of(item)]
            reached[side] = (
                sum(value >= points for value in worth),
                any((i.points or 0) >= points for i in has if i.slot in ENGLISH),
                any((i.points or 0) >= points for i in has if i.slot == "maths"),
            )
        count, english, maths = reached["actual"]
        if count >= least and (not both or (english and maths)):
            continue
        lacks = []
        if both:
            lacks += ["English"] * (not english) + ["mathematics"] * (not maths)
        if count < least:
            lacks.append(f"{least - count} more")
        then, *must = reached["predicted"]
        foreseen = "yes" if then >= least and (not both or all(must)) else "no"
        if foreseen == "no" and not outcomes.predicted_in_all(adno):
            foreseen = "not known"
        pupil = pack.data.pupils[adno]
        rows.append(
            {"Adno": adno, "Surname": pupil["surname"],
             "Forename": pupil["forename"], "Reg": pupil["reg"],
             "Reached in": count, "English": _grade(pack, adno, ENGLISH),
             "Maths": _grade(pack, adno, ("maths",)),
             "What is missing": ", ".join(lacks), "Predicted in": then,
             "Predicted to reach it": foreseen}
        )  # fmt: skip
    rows.sort(
        key=lambda row: (
            -row["Reached in"], row["Surname"], row["Forename"], row["Adno"]
        )
    )  # fmt: skip
    rule = f"{least} results worth {float(points):g} points or more"
    rule += ", English and mathematics among them" if both else ""
    sheet.expect("A1", f"{pack.title}: next step")
    if not rows:
        sheet.expect("A3", f"Nobody of Year {FINAL} misses the next step: {rule}.")
        return
    sheet.expect(
        "A3",
        f"{plural(len(rows), 'pupil')} of {len(pack.final):,} of Year {FINAL} miss "
        f"the next step: {rule}.",
    )
    unseen = sum(row["Predicted to reach it"] == "yes" for row in rows)
    sheet.expect("A4", f"{unseen} of them were predicted to reach it.")
    lines = sheet.lines("Adno", "What is missing")
    assert [line["Adno"] for line in lines] == [row["Adno"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        line.expect(row)


def _best_entries(ten: Slots) -> list[Entry]:
    """The best of all entries of each discount code, of those with a grade."""
    best_: dict[str, Entry] = {}
    for item in ten.entries:
        old = best_.get(item.discount)
        if item.points is not None and item.points >= ((old and old.points) or 0):
            best_[item.discount] = item
    return list(best_.values())


def _grades_of(item: Entry) -> list[Fraction]:
    """The points of an entry; both grades of a pair."""
    if item.slot != "combined_science":
        return [item.points] if item.points is not None else []
    parts = item.grade.split("-") if "-" in item.grade else ["0", "0"]
    return [Fraction(part) for part in parts]


def _grade(pack: ResultsDayPack, adno: str, kinds: Sequence[str]) -> str:
    """The best grade in these slots; empty without one."""
    has = _best_entries(pack.outcomes.slots["actual"][adno])
    candidates = [item for item in has if item.slot in kinds]
    if not candidates:
        return ""
    return max(candidates, key=lambda item: item.points or 0).grade


def what_happened(pack: ResultsDayPack) -> None:
    sheet = pack.audit["What happened"]
    sheet.expect("A1", "What happened")
    sheet.expect("A2", pack.title)
    key = f"results {pack.outcomes.academic_year}"
    actions = [r for r in pack.data.exports["actions"] if r["collection"] == key]
    assert not actions
    sheet.expect(
        "A4",
        "What happened, why we did not know, what we will do: 0 written so far.",
    )
    errors: dict[str, list[Fraction | None]] = {}
    for row in pack.outcomes.rows:
        errors.setdefault(row.subject, []).append(row.error)
    names = sorted(errors)
    means = [mean_of(errors[name]) for name in names]
    lines = [line for line in sheet.lines("Subject", "Results") if line["Subject"]]
    assert [line["Subject"] for line in lines] == names
    for line, mean, side in zip(lines, means, beyond_chance(means), strict=True):
        few = TOO_FEW if 0 < mean.n < FEW else ""
        line.expect(
            {"Results": len(errors[line["Subject"]]), "Error": mean.mean,
             "Predictions": few or NOTES[side]}
        )  # fmt: skip


def record(pack: ResultsDayPack) -> None:
    sheet = pack.audit["Pack record"]
    sheet.expect("B4", "results")
    sheet.expect("B5", f"results {pack.outcomes.academic_year}")
    sheet.expect("B6", pack.outcomes.academic_year)
    sheet.expect("B7", "")
    assert len(str(sheet["B8"])) == 64
    sheet.expect("B8", sheet["B8"])


def _share(those: Sequence[bool]) -> float | None:
    return sum(those) / len(those) if those else None


def _far(rows: Sequence[Outcome], way: int) -> str:
    """The results two grades or more from their predictions, on one side."""
    return ", ".join(
        f"{row.subject} {row.predicted} → {row.actual}"
        for row in rows
        if row.error is not None and way * row.error >= 2
    )
