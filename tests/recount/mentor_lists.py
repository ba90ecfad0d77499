"""The mentors' lists: pupils for whom one more grade matters most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from tests.recount.arithmetic import per_cent, plural
from tests.recount.attainment import (
    ENGLISH,
    FILLS,
    TITLES,
    Entry,
    Slots,
    of_grade,
    open_to_change,
    slots,
)
from tests.recount.audit import SheetAudit
from tests.recount.classes import BELOW
from tests.recount.cohort import CohortEntry
from tests.recount.english_and_maths import AIMS, NEAR, KeyStage4Pupils
from tests.recount.headlines import Headlines
from tests.recount.measures import MEASURED_IN
from tests.recount.recount_data import Enrolment, RecountData, unique_pairs

OF_EBACC = (*ENGLISH, "maths", *FILLS["ebacc"])
UP_TO_9 = ("gcse", "gcse_fine", "combined_science")
HIGH = 7  # a grade
Cells = dict[str, Any]
Place = tuple[object, ...]


class MentorLists:
    """The lists of a collection, and the progress of pupils listed before."""

    def __init__(self, data: RecountData, headlines: Headlines) -> None:
        self.data = data
        self.cohort = headlines.now
        self.now = KeyStage4Pupils(data, headlines.now)
        self.last = None
        self.last_code = headlines.last_code
        if headlines.last is not None:
            last = KeyStage4Pupils(data, headlines.last)
            rows = [row for rows in last.entries.values() for row in rows]
            if any(row.points is not None for row in rows):
                self.last = last

    def sentences(self) -> list[str]:
        """The numbers in each state, and the progress of pupils listed before."""
        result = []
        for (year, aim), states in self.now.state_counts().items():
            graded = sum(states.values())
            graded -= states["No prediction"] + states["Not taken"]
            if not graded:
                result.append(
                    f"Year {year}, {aim}+: nobody has a prediction in both English and "
                    "mathematics yet."
                )
                continue
            secure = states["Both secure"]
            result.append(
                f"Year {year}, {aim}+ in both: {secure:,} of {graded:,} "
                f"({per_cent(secure, graded)}); {states['English only']:,} have "
                f"English only, {states['Maths only']:,} mathematics only, "
                f"{states['Neither, but within one grade']:,} neither but within one "
                "grade."
            )
        for aim in AIMS if self.last else ():
            assert self.last is not None
            chosen = [
                adno
                for adno, both in self.last.both.items()
                if both.state(aim) in NEAR and adno in self.now.entries
            ]
            now = self.now.both
            reached = sum(now[adno].state(aim) == "both secure" for adno in chosen)
            if chosen:
                result.append(
                    f"Of {plural(len(chosen), 'pupil')} listed for {aim}+ in "
                    f"{self.last_code}, {reached:,} are now there in both."
                )
        return result

    def _lines(
        self,
        sheet: SheetAudit,
        heading: str,
        lines_: Sequence[tuple[str, Place, Cells]],
    ) -> None:
        """Check each line: the pupil and the cells, by year, then in the list's order.

        Args:
            sheet: The list.
            heading: A heading that only its table has.
            lines_: Adno, sort key within the year, and cells.
        """
        in_order = sorted(lines_, key=lambda line: self._place(line[0], line[1]))
        lines = sheet.lines("Adno", heading)
        adnos = [str(line["Adno"]) for line in lines]
        assert adnos == [adno for adno, _, _ in in_order], sheet.title
        for line, (adno, _, cells) in zip(lines, in_order, strict=True):
            pupil = self.data.pupils[adno]
            line.expect({"Adno": adno, "Year": self._year(adno),
                      "Surname": pupil["surname"], "Forename": pupil["forename"],
                      "Reg": pupil["reg"], "Groups": self._groups(adno)})  # fmt: skip
            line.expect(cells)
            expected_headings = {
                "Adno",
                "Year",
                "Surname",
                "Forename",
                "Reg",
                "Groups",
                *cells,
            }
            assert set(line.headings()) == expected_headings
        if not lines_:
            assert sheet.find_cell("Nobody")

    def _place(self, adno: str, within: Place) -> tuple[object, ...]:
        pupil = self.data.pupils[adno]
        names = (pupil["surname"], pupil["forename"], adno)
        first = within[: -1 if within and isinstance(within[-1], tuple) else None]
        after = within[len(first) :]
        return (self._year(adno), *first, *names, *after)

    def _year(self, adno: str) -> int:
        return int(self.data.pupils[adno]["year"])

    def _groups(self, adno: str) -> str:
        pupil = self.data.pupils[adno]
        names = ["PP"] if pupil["pp"] == "Y" else []
        names += [f"SEN {pupil['sen']}"] if pupil["sen"] in ("K", "E") else []
        return ", ".join([*names, "EAL"] if pupil["eal"] == "Y" else names)

    def english_and_maths(self, sheet: SheetAudit) -> None:
        """Check the list, with pupils one or two grades from the line first."""
        order = {state: at for at, state in enumerate((*NEAR, "no prediction"))}
        before = self.last.both if self.last else {}
        expected = []
        for adno, both in self.now.both.items():
            four, five = both.state(4), both.state(5)
            place: float = order.get(four, 9)
            if four == "both secure":  # among those near 5+, before those with neither
                five_at = {**order, "both secure": 4}.get(five, 9)
                place = 2.5 + five_at / 100
            then = before.get(adno)
            cells = {
                "English": f"{both.english.subject} {both.english.text}"
                if both.english else "",
                "Mathematics": both.maths.text if both.maths else "",
                "4+": four, "5+": five,
                "4+ last time": then.state(4) if then else "",
                "5+ last time": then.state(5) if then else "",
            }  # fmt: skip
            expected.append((adno, (place,), cells))
        self._lines(sheet, "4+ last time", expected)

    @property
    def _ten(self) -> dict[str, Slots]:
        """The slots of the pupils on roll in the collection's years."""
        data = self.data
        years = data.collection.get("years", range(7, 12))
        return {
            adno: ten
            for adno, ten in self.cohort.slots.items()
            if data.is_on_roll(data.pupils[adno]) and self._year(adno) in years
        }

    def two_grades(self, sheet: SheetAudit) -> None:
        """Check every pupil with the two grades whose rise adds most."""
        expected = []
        for adno, ten in self._ten.items():
            missing = plural(ten.missing, "prediction")
            has_grade = any(value.entry.points is not None for value in ten.values)
            cells: Cells = {
                "Attainment 8": float(ten.points()) if has_grade else None,
                "Note": "" if ten.complete else f"so far: {missing} missing",
            }
            best = self._rises(ten)
            for at, name in enumerate(("First", "Second")):
                text, gain = best[at] if at < len(best) else ("", None)
                cells |= {name: text, f"{name} adds": gain and float(gain)}
            expected.append((adno, (), cells))
        self._lines(sheet, "First adds", expected)

    def _rises(self, ten: Slots) -> list[tuple[str, Fraction]]:
        """The gain of each grade raised by one, for the better English only."""
        items = list(ten.entries)
        rises = []
        for at, item in enumerate(items):
            if item.actual or item.points is None:
                continue
            higher = self._higher(item)
            if higher is None:
                continue
            up = slots([*items[:at], higher, *items[at + 1 :]])
            gain = up.points() - ten.points()
            if gain > 0:
                rises.append((gain, item, f"{of_grade(item)} → {higher.grade}"))
        rises.sort(key=lambda rise: (-rise[0], rise[1].subject))
        best_rises: list[tuple[str, Fraction]] = []
        subjects = set()
        for gain, item, text in rises:
            once_ = "English" if item.slot in ENGLISH else item.subject
            if once_ not in subjects:
                subjects.add(once_)
                best_rises.append((text, gain))
        return best_rises

    def _higher(self, item: Entry) -> Entry | None:
        """The same subject one whole grade higher."""
        scale = self.data.scale(item.subject)
        current = scale[item.grade]
        above = [
            grade
            for grade in scale.values()
            if grade.level > current.level and grade.fine == grade.level
        ]
        if not above:
            return None
        next_ = min(above, key=lambda grade: grade.rank)
        return Entry(item.subject, item.slot, item.discount, next_.name, next_.points)

    def slots(self, sheet: SheetAudit) -> None:
        """Check the slots that are empty, without a grade, or weak."""
        sheet.expect(
            sheet.find_cell("Attainment 8 adds up"),
            'Attainment 8 adds up ten slots. "Empty": the pupil takes nothing that may '
            'stand there, and it counts nought: only an entry changes that. "No grade '
            'yet": a prediction is missing. "Weak": two grades or more under the '
            'pupil\'s own average. "Could fill it": what the pupil takes besides that '
            "may stand there.",
        )
        expected = []
        for adno, ten in self._ten.items():
            for element, state, now, could in open_to_change(ten):
                cells = {"Slot": TITLES[element], "State": state, "Filled by": now,
                         "Could fill it": could}  # fmt: skip
                place = (list(TITLES).index(element), state)
                expected.append((adno, (place,), cells))
        self._lines(sheet, "Could fill it", expected)

    def _marks(
        self, adno: str, chosen: Callable[[CohortEntry], bool]
    ) -> list[CohortEntry]:
        return [row for row in self.now.entries[adno] if chosen(row)]

    def ebacc(self, sheet: SheetAudit) -> None:
        """Check EBacc subjects below target, pupils with most first."""
        expected = []
        for adno in self.now.entries:
            below = self._marks(
                adno, lambda row: row.flag in BELOW and self._slot(row) in OF_EBACC
            )
            below.sort(key=lambda row: (row.gap or 0, row.subject))
            if below:
                subjects = ", ".join(_grade_text(row, row.target) for row in below)
                cells = {"Below in": len(below), PREDICTED: subjects}
                expected.append((adno, (-len(below),), cells))
        self._lines(sheet, "Below in", expected)

    def _slot(self, row: CohortEntry) -> str:
        return str(self.data.subject(row.subject).get("slot", "open"))

    def nines(self, sheet: SheetAudit) -> None:
        """Check the pupils who may reach 7 to 9, and their subjects."""
        expected = []
        for adno in self.now.entries:
            graded = self._marks(adno, lambda row: self._counts_to_9(row))
            high = [row for row in graded if (row.points or 0) >= HIGH]
            near = [
                row
                for row in graded
                if row not in high
                and ((row.points or 0) >= HIGH - 1 or self._aim(row) >= HIGH)
            ]
            if high or near:
                cells = {
                    "7+ in": len(high),
                    "Predicted 7 or more": ", ".join(
                        _grade_text(row, row.target) for row in high
                    ),
                    "Nearly in": len(near),
                    "Nearly": ", ".join(_grade_text(row, row.target) for row in near),
                }
                expected.append((adno, (-len(high), -len(near)), cells))
        self._lines(sheet, "7+ in", expected)

    def _counts_to_9(self, row: CohortEntry) -> bool:
        scale = self.data.subject(row.subject).get("scale", "gcse")
        return scale in UP_TO_9 and row.points is not None

    def _aim(self, row: CohortEntry) -> Fraction:
        """The points of a target."""
        scale_grade = self.data.scale(row.subject).get(row.target)
        return scale_grade.points if scale_grade else Fraction(0)

    def groups(self, sheet: SheetAudit) -> None:
        """Check members of the school's groups below target in several subjects."""
        data = self.data
        least = data.settings.get("packs", {}).get("below_in", 3)
        measured = data.settings.get("measures", {}).get("years", MEASURED_IN)
        rows: dict[str, list[Enrolment]] = {}
        for row in unique_pairs(data.enrolments):
            if row.year in measured:
                rows.setdefault(row.adno, []).append(row)
        expected = []
        for adno, own_rows in rows.items():
            member = [group for group in data.groups if adno in data.members[group]]
            below = [row for row in own_rows if row.flag in BELOW]
            if len(below) < least or not member:
                continue
            below.sort(key=lambda row: (row.gap or 0, row.subject))
            well = sum(row.flag == "Well below" for row in below)
            subjects = [f"{row.subject} {row['prediction']} ({row['target']})"
                     for row in below]  # fmt: skip
            cells = {
                "Member of": ", ".join(member), "Below in": len(below),
                "Well below in": well,
                "With data": sum(bool(row.flag) for row in own_rows),
                PREDICTED: ", ".join(subjects),
            }  # fmt: skip
            expected.append((adno, (-len(below), -well), cells))
        self._lines(sheet, "Member of", expected)


PREDICTED = "Subjects below: prediction (target)"


def _grade_text(row: CohortEntry | None, target: str = "") -> str:
    """`History 5`, or `History 5 (6)` with the target."""
    if row is None:
        return ""
    text = f"{row.subject} {row.prediction}"
    return f"{text} ({target})" if target else text
