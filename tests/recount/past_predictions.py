"""The accuracy of last year's predictions, by subject, class and teacher."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from tests.recount.arithmetic import (
    beyond_chance,
    mean_of,
    per_cent,
    plural,
    rounded,
)
from tests.recount.audit import WorkbookAudit
from tests.recount.classes import group_rows
from tests.recount.outcomes import Outcome, Outcomes
from tests.recount.recount_data import RecountData

SHEET = "Results day"
NOTES = {
    "Above": "predicted too high, beyond chance",
    "Below": "predicted too low, beyond chance",
    "": "",
}


def last_results(
    data: RecountData, subjects: Collection[str]
) -> tuple[str, list[Outcome]]:
    """The grades in some subjects of the latest earlier year that has any."""
    years = {row["academic_year"] for row in data.exports["results"]}
    years = {year for year in years if year < data.academic_year}
    if not years:
        return "", []
    rows = Outcomes(data, max(years)).rows
    return max(years), [row for row in rows if row.subject in subjects]


def check_past_predictions(
    audit: WorkbookAudit, data: RecountData, subjects: Collection[str]
) -> None:
    """Check the sheet `Results day`; there is none without results.

    The sheet would also hold actions written on results day; the schools have none.
    """
    assert not [row for row in data.exports["actions"] if row["pack"] == "results"]
    year, rows = last_results(data, subjects)
    assert (SHEET in audit) == bool(rows)
    if not rows:
        return
    sheet = audit[SHEET]
    all_of_them = plural(len(rows), "grade")
    errors = [row.error for row in rows if row.error is not None]
    n = len(errors)
    if not n:
        sheet.expect(
            "A4",
            f"None of the {all_of_them} had a prediction: nothing can be said of how "
            "they turned out.",
        )
        return
    mean = sum(errors, Fraction(0)) / n
    sheet.expect(
        "A4",
        f"Results of {year}: {n:,} of {all_of_them} had a prediction: "
        f"{per_cent(errors.count(Fraction(0)), n)} exact, "
        f"{per_cent(sum(abs(error) <= 1 for error in errors), n)} within one grade, "
        f"on average {rounded(abs(mean), 1)} grades "
        f"{'too high' if mean > 0 else 'too low'}.",
    )
    each = {
        key: [row.error for row in part if row.error is not None]
        for key, part in group_rows(
            rows, lambda row: (row.subject, row.class_, row.lead)
        ).items()
    }
    each = {key: part for key, part in each.items() if part}
    means = [mean_of(part) for part in each.values()]
    lines = sheet.lines("Exact", "Too high")
    assert len(lines) == len(each)
    for line, (key, part), mean_error, side in zip(
        lines, each.items(), means, beyond_chance(means), strict=True
    ):
        line.expect(
            {
                **dict(zip(("Subject", "Class", "Teacher"), key, strict=True)),
                "Predicted": mean_error.n,
                "Exact": part.count(Fraction(0)) / mean_error.n,
                "Within one": sum(abs(error) <= 1 for error in part) / mean_error.n,
                "Too high": sum(error > 0 for error in part) / mean_error.n,
                "Too low": sum(error < 0 for error in part) / mean_error.n,
                "Error": mean_error.mean,
                "from": mean_error.low,
                "to": mean_error.high,
                "Predictions": "too few to conclude" if mean_error.few else NOTES[side],
            }
        )
