"""The mentors' lists: whom one grade would carry far, year by year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from tests.recount.arithmetic import count_text, per_cent
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
    """The lists of a collection, and what they say of those chosen the time before."""

    def __init__(self, data: RecountData, headlines: Headlines) -> None:
        self.data = data
        self.cohort = headlines.now
        self.now = KeyStage4Pupils(data, headlines.now)
        self.last = None
        self.last_code = headlines.last_code
        if headlines.last is not None:
            last = KeyStage4Pupils(data, headlines.last)
            rows = [one for mine in last.entries.values() for one in mine]
            if any(one.points is not None for one in rows):
                self.last = last

    def said(self) -> list[str]:
        """How many are where, and how those chosen earlier have done."""
        found = []
        for (year, aim), states in self.now.state_counts().items():
            there = sum(states.values())
            there -= states["No prediction"] + states["Not taken"]
            if not there:
                found.append(
                    f"Year {year}, {aim}+: nobody has a prediction in both English and "
                    "mathematics yet."
                )
                continue
            secure = states["Both secure"]
            found.append(
                f"Year {year}, {aim}+ in both: {secure:,} of {there:,} "
                f"({per_cent(secure, there)}); {states['English only']:,} have English "
                f"only, {states['Maths only']:,} mathematics only, "
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
            done = sum(now[adno].state(aim) == "both secure" for adno in chosen)
            if chosen:
                found.append(
                    f"Of {count_text(len(chosen), 'pupil')} listed for {aim}+ in "
                    f"{self.last_code}, {done:,} are now there in both."
                )
        return found

    def _lines(
        self,
        sheet: SheetAudit,
        heading: str,
        wanted: Sequence[tuple[str, Place, Cells]],
    ) -> None:
        """Each pupil's name beside what is told, year by year, then as the list says.

        Args:
            sheet: The list.
            heading: One that only its table has.
            wanted: Adno, what places the line within its year, and its cells.
        """
        in_order = sorted(wanted, key=lambda one: self._place(one[0], one[1]))
        lines = sheet.lines("Adno", heading)
        found = [str(line["Adno"]) for line in lines]
        assert found == [adno for adno, _, _ in in_order], sheet.title
        for line, (adno, _, cells) in zip(lines, in_order, strict=True):
            pupil = self.data.pupils[adno]
            line.expect({"Adno": adno, "Year": self._year(adno),
                      "Surname": pupil["surname"], "Forename": pupil["forename"],
                      "Reg": pupil["reg"], "Groups": self._groups(adno)})  # fmt: skip
            line.expect(cells)
            known = {"Adno", "Year", "Surname", "Forename", "Reg", "Groups", *cells}
            assert set(line.headings()) == known
        if not wanted:
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
        told = ["PP"] if pupil["pp"] == "Y" else []
        told += [f"SEN {pupil['sen']}"] if pupil["sen"] in ("K", "E") else []
        return ", ".join([*told, "EAL"] if pupil["eal"] == "Y" else told)

    def english_and_maths(self, sheet: SheetAudit) -> None:
        """Those first whom one or two grades would carry over the line."""
        order = {state: at for at, state in enumerate((*NEAR, "no prediction"))}
        before = self.last.both if self.last else {}
        wanted = []
        for adno, both in self.now.both.items():
            four, five = both.state(4), both.state(5)
            place: float = order.get(four, 9)
            if four == "both secure":  # among those near 5+, before who has neither
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
            wanted.append((adno, (place,), cells))
        self._lines(sheet, "4+ last time", wanted)

    @property
    def _ten(self) -> dict[str, Slots]:
        """The slots of those who may be named."""
        here = self.data
        asked = here.collection.get("years", range(7, 12))
        return {
            adno: ten
            for adno, ten in self.cohort.slots.items()
            if here.is_on_roll(here.pupils[adno]) and self._year(adno) in asked
        }

    def two_grades(self, sheet: SheetAudit) -> None:
        """Everybody, with the two grades that would add most, one step higher."""
        wanted = []
        for adno, ten in self._ten.items():
            missing = count_text(ten.missing, "prediction")
            known = any(value.entry.points is not None for value in ten.values)
            cells: Cells = {
                "Attainment 8": float(ten.points()) if known else None,
                "Note": "" if ten.complete else f"so far: {missing} missing",
            }
            best = self._rises(ten)
            for at, name in enumerate(("First", "Second")):
                told, gain = best[at] if at < len(best) else ("", None)
                cells |= {name: told, f"{name} adds": gain and float(gain)}
            wanted.append((adno, (), cells))
        self._lines(sheet, "First adds", wanted)

    def _rises(self, ten: Slots) -> list[tuple[str, Fraction]]:
        """What each grade adds, one higher; of the two Englishes only the better."""
        taken = list(ten.taken)
        found = []
        for at, one in enumerate(taken):
            if one.actual or one.points is None:
                continue
            higher = self._higher(one)
            if higher is None:
                continue
            up = slots([*taken[:at], higher, *taken[at + 1 :]])
            gain = up.points() - ten.points()
            if gain > 0:
                found.append((gain, one, f"{of_grade(one)} → {higher.grade}"))
        found.sort(key=lambda rise: (-rise[0], rise[1].subject))
        told: list[tuple[str, Fraction]] = []
        named = set()
        for gain, one, text in found:
            once_ = "English" if one.slot in ENGLISH else one.subject
            if once_ not in named:
                named.add(once_)
                told.append((text, gain))
        return told

    def _higher(self, one: Entry) -> Entry | None:
        """The same subject one grade higher; a third of a grade is no grade."""
        scale = self.data.scale(one.subject)
        here = scale[one.grade]
        above = [
            grade
            for grade in scale.values()
            if grade.level > here.level and grade.fine == grade.level
        ]
        if not above:
            return None
        next_ = min(above, key=lambda grade: grade.rank)
        return Entry(one.subject, one.slot, one.discount, next_.name, next_.points)

    def slots(self, sheet: SheetAudit) -> None:
        """Slots that are empty, wait for a grade, or are weak."""
        sheet.expect(
            sheet.find_cell("Attainment 8 adds up"),
            'Attainment 8 adds up ten slots. "Empty": the pupil takes nothing that may '
            'stand there, and it counts nought: only an entry changes that. "No grade '
            'yet": a prediction is missing. "Weak": two grades or more under the '
            'pupil\'s own average. "Could fill it": what the pupil takes besides that '
            "may stand there.",
        )
        wanted = []
        for adno, ten in self._ten.items():
            for element, state, now, could in open_to_change(ten):
                cells = {"Slot": TITLES[element], "State": state, "Filled by": now,
                         "Could fill it": could}  # fmt: skip
                place = (list(TITLES).index(element), state)
                wanted.append((adno, (place,), cells))
        self._lines(sheet, "Could fill it", wanted)

    def _marks(
        self, adno: str, chosen: Callable[[CohortEntry], bool]
    ) -> list[CohortEntry]:
        return [one for one in self.now.entries[adno] if chosen(one)]

    def ebacc(self, sheet: SheetAudit) -> None:
        """EBacc subjects below target, those below in most first."""
        wanted = []
        for adno in self.now.entries:
            below = self._marks(
                adno, lambda one: one.flag in BELOW and self._slot(one) in OF_EBACC
            )
            below.sort(key=lambda one: (one.gap or 0, one.subject))
            if below:
                named = ", ".join(_told(one, one.target) for one in below)
                cells = {"Below in": len(below), PREDICTED: named}
                wanted.append((adno, (-len(below),), cells))
        self._lines(sheet, "Below in", wanted)

    def _slot(self, one: CohortEntry) -> str:
        return str(self.data.subject(one.subject).get("slot", "open"))

    def nines(self, sheet: SheetAudit) -> None:
        """Who may reach 7 to 9, and in what."""
        wanted = []
        for adno in self.now.entries:
            graded = self._marks(adno, lambda one: self._counts_to_9(one))
            high = [one for one in graded if (one.points or 0) >= HIGH]
            near = [
                one
                for one in graded
                if one not in high
                and ((one.points or 0) >= HIGH - 1 or self._aim(one) >= HIGH)
            ]
            if high or near:
                cells = {
                    "7+ in": len(high),
                    "Predicted 7 or more": ", ".join(
                        _told(one, one.target) for one in high
                    ),
                    "Nearly in": len(near),
                    "Nearly": ", ".join(_told(one, one.target) for one in near),
                }
                wanted.append((adno, (-len(high), -len(near)), cells))
        self._lines(sheet, "7+ in", wanted)

    def _counts_to_9(self, one: CohortEntry) -> bool:
        scale = self.data.subject(one.subject).get("scale", "gcse")
        return scale in UP_TO_9 and one.points is not None

    def _aim(self, one: CohortEntry) -> Fraction:
        """The points of a target."""
        found = self.data.scale(one.subject).get(one.target)
        return found.points if found else Fraction(0)

    def groups(self, sheet: SheetAudit) -> None:
        """Members of the school's groups below target in several subjects."""
        data = self.data
        least = data.settings.get("packs", {}).get("below_in", 3)
        measured = data.settings.get("measures", {}).get("years", MEASURED_IN)
        rows: dict[str, list[Enrolment]] = {}
        for one in unique_pairs(data.enrolments):
            if one.year in measured:
                rows.setdefault(one.adno, []).append(one)
        wanted = []
        for adno, mine in rows.items():
            member = [group for group in data.groups if adno in data.members[group]]
            below = [one for one in mine if one.flag in BELOW]
            if len(below) < least or not member:
                continue
            below.sort(key=lambda one: (one.gap or 0, one.subject))
            well = sum(one.flag == "Well below" for one in below)
            named = [f"{one.subject} {one['prediction']} ({one['target']})"
                     for one in below]  # fmt: skip
            cells = {
                "Member of": ", ".join(member), "Below in": len(below),
                "Well below in": well,
                "With data": sum(bool(one.flag) for one in mine),
                PREDICTED: ", ".join(named),
            }  # fmt: skip
            wanted.append((adno, (-len(below), -well), cells))
        self._lines(sheet, "Member of", wanted)


PREDICTED = "Subjects below: prediction (target)"


def _told(one: CohortEntry | None, target: str = "") -> str:
    """`History 5`, or `History 5 (6)` with the target."""
    if one is None:
        return ""
    told = f"{one.subject} {one.prediction}"
    return f"{told} ({target})" if target else told
