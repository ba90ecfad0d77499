"""The figures to hide in anonymous tables, so that no small group is disclosed.

A group of 1 to 5 pupils is hidden, and company for it: of every field at least two
groups, together at least six pupils. A group of the school's own says what its field
says: it is hidden where it takes in some of what is hidden there, but not all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import combinations
from typing import Any

from tests.recount.cohort import RecountCohort
from tests.recount.measures import names_of

SMALLEST = 6
TOO_FEW = 11  # pupils; a subject of as many is never hidden to protect another
OF_EVERY_PREDICTION = ("mean_points", "mean_gap", "on_or_above", "residual")
FIELDS = (
    "sex", "pp", "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "prior",
)  # fmt: skip
FIRST = ("low", "middle", "high", "N", "K", "E", "Y")  # then numbers, then words
UNKNOWN = "not known"
JOINING = ("and", "or", "not", "in")  # operators of a rule

Labels = Mapping[str, Mapping[str, str]]  # field or group -> pupil -> label


class Suppression:
    """The hidden figures of a collection's measures, by year."""

    def __init__(self, cohort: RecountCohort) -> None:
        self.cohort = cohort
        self.data = cohort.data
        self.protecting: set[str] = set()

    @cached_property
    def labels(self) -> Labels:
        """Every field with values, then the school's groups."""
        data = self.data
        pupils = {adno: data.pupils[adno] for adno in self.cohort.of_pupil}
        labels_: dict[str, dict[str, str]] = {}
        for name in FIELDS:
            if name in data.groups:
                continue
            values = {
                adno: data.prior(pupil) if name == "prior" else pupil[name]
                for adno, pupil in pupils.items()
            }
            if any(values.values()):
                labels_[name] = {
                    adno: value or UNKNOWN for adno, value in values.items()
                }
        for group in data.groups:
            labels_[group] = {
                adno: "Y" if data.in_group(group, pupil) else "N"
                for adno, pupil in pupils.items()
            }
        return labels_

    @cached_property
    def field_of(self) -> dict[str, str]:
        """Group of the school -> the one field of its rule.

        Within a year group the year says nothing more. What asks for an indicator, or
        for the year alone, is a field of its own.
        """
        result = {}
        for group in self.data.settings.get("groups", ()):
            bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", group["rule"])
            fields = {*re.findall(r"[a-z_]+", bare)} - {*JOINING, "year"}
            if fields and fields <= self.labels.keys():
                assert len(fields) == 1, (
                    f"{group['name']}: rules on several fields are not supported"
                )
                (result[group["name"]],) = fields
        return result

    @cached_property
    def counted_pupils(self) -> dict[tuple[int, str], list[str]]:
        """Year group and measure -> the pupils who count in it."""
        counted: dict[tuple[int, str], list[str]] = {}
        for adno, rows in self.cohort.of_pupil.items():
            for name in names_of(self.data):
                if self.cohort.part(adno, name) is not None:
                    counted.setdefault((rows[0].year, name), []).append(adno)
        return counted

    @cached_property
    def within(self) -> list[tuple[str, str]]:
        """Pairs of two-way divisions, one of which lies within the other."""
        pairs = []
        everybody = {adno for rows in self.counted_pupils.values() for adno in rows}
        for first, second in combinations(self.labels, 2):
            first_labels, other = self.labels[first], self.labels[second]
            groups = len(set(first_labels.values())), len(set(other.values()))
            cells = {(first_labels[adno], other[adno]) for adno in everybody}
            if groups == (2, 2) and len(cells) == 3:
                pairs.append((first, second))
        return pairs

    def of_measure(self, year: int, measure: str) -> set[str]:
        """The hidden groups of a measure: names, or empty for everybody."""
        pupils = self.counted_pupils.get((year, measure), [])
        every = measure in OF_EVERY_PREDICTION
        if every and year in self.hidden_years:
            return {"", *self._groups_with(pupils)}
        # Most measures of a year group have the same pupils.
        key = (tuple(pupils), every)
        if key not in self._cache:
            self.protecting = self.anchored if every else set(pupils)
            self._cache[key] = self._hidden(pupils)
        return self._cache[key]

    @cached_property
    def _cache(self) -> dict[tuple[tuple[str, ...], bool], set[str]]:
        return {}

    @cached_property
    def _marked(self) -> dict[str, dict[int, set[str]]]:
        """Subject -> year -> the pupils with a flag; every subject is there."""
        marked: dict[str, dict[int, set[str]]] = {}
        for row in self.cohort.entries:
            years = marked.setdefault(row.subject, {})
            if row.flag:
                years.setdefault(row.year, set()).add(row.adno)
        return marked

    @cached_property
    def hidden_subjects(self) -> tuple[set[str], bool]:
        """The subjects of which nothing is shown, and whether that is enough."""
        takers = Counter(row.subject for row in self.cohort.entries)
        marks = Counter(row.subject for row in self.cohort.entries if row.flag)
        few = {
            name for name, n in takers.items()
            if n < SMALLEST or 0 < marks[name] < SMALLEST
        }  # fmt: skip
        hides = set(few)
        spare = sorted((n, name) for name, n in takers.items() if name not in few)
        while hides:
            together = (
                sum(takers[name] for name in hides), sum(marks[name] for name in hides)
            )  # fmt: skip
            if len(hides) > 1 and min(together) >= SMALLEST:
                return hides, True
            if not spare or spare[0][0] >= TOO_FEW:
                return few, False
            hides.add(spare.pop(0)[1])
        return hides, True

    @cached_property
    def hidden_years(self) -> set[int]:
        """The years whose measures of every prediction are hidden."""
        subjects, is_enough = self.hidden_subjects
        if is_enough:
            return set()
        return {row.year for row in self.cohort.entries if row.subject in subjects}

    @cached_property
    def anchored(self) -> set[str]:
        """The pupils with a mark in the anchor of their year."""
        subjects, _ = self.hidden_subjects
        open_to = {
            name: years for name, years in sorted(self._marked.items())
            if name not in subjects
        }  # fmt: skip
        totals = {
            name: sum(len(pupils) for pupils in years.values())
            for name, years in open_to.items()
        }
        result = set()
        first = max(totals, key=lambda name: totals[name], default="")
        for year in self.cohort.years:
            sizes = {name: len(years.get(year, ())) for name, years in open_to.items()}
            most = max(sizes, key=lambda name: sizes[name], default="")
            if not most or not sizes[most]:
                result |= {row.adno for row in self.cohort.entries if row.year == year}
                continue
            anchor = first if sizes[first] * 4 >= sizes[most] * 3 else most
            result |= open_to[anchor][year]
        return result

    def _groups_with(self, pupils: Iterable[str]) -> list[str]:
        return [
            group for group in self.data.groups
            if any(self.labels[group][adno] == "Y" for adno in pupils)
        ]  # fmt: skip

    def _protected(self, sizes: Mapping[Any, list[str]]) -> Counter[Any]:
        """What is left small: the pupils of a cell who protect it, at least one."""
        return Counter(
            {
                cell: max(sum(adno in self.protecting for adno in adnos), 1)
                for cell, adnos in sizes.items()
            }
        )

    def _hidden(self, pupils: list[str]) -> set[str]:
        whole = self._protected({"": pupils})[""] if pupils else SMALLEST
        if whole < SMALLEST:
            return {"", *self._groups_with(pupils)}
        hides = {}
        for name, of in self.labels.items():
            cells: dict[str, list[str]] = {}
            for adno in pupils:
                cells.setdefault(of[adno], []).append(adno)
            sizes = {label: len(adnos) for label, adnos in cells.items()}
            hides[name] = company(sizes, self._protected(cells))
        for first, second in self.within:
            crossed = self._protected(self._cells(first, second, pupils))
            if any(size < SMALLEST for size in crossed.values()):
                hides[second] |= {of for _, of in crossed}
        for first, second in combinations(self.labels, 2):
            self._alone(first, second, pupils, hides)
        source = self._sources(pupils)
        return {
            group for group in self.data.groups
            if self._takes_in_some(
                group, source[self.field_of.get(group, group)], pupils, hides
            )
        }  # fmt: skip

    def _cells(
        self, first: str, second: str, pupils: Iterable[str]
    ) -> dict[tuple[str, str], list[str]]:
        first_labels, other = self.labels[first], self.labels[second]
        cells: dict[tuple[str, str], list[str]] = {}
        for adno in pupils:
            cells.setdefault((first_labels[adno], other[adno]), []).append(adno)
        return cells

    def _crossed(
        self, first: str, second: str, pupils: Iterable[str]
    ) -> Counter[tuple[str, str]]:
        first_labels, other = self.labels[first], self.labels[second]
        return Counter((first_labels[adno], other[adno]) for adno in pupils)

    def _alone(
        self, first: str, second: str, pupils: list[str], hides: dict[str, set[str]]
    ) -> None:
        """Hide a dimension with a small cell that no other cell could cover."""
        cells: Counter[tuple[str, str]] = Counter()
        sizes = self._protected(self._cells(first, second, pupils))
        for (label, other), size in sizes.items():
            row = "" if label in hides[first] else label
            column = "" if other in hides[second] else other
            cells[row, column] += size
        if all(size >= SMALLEST for size in cells.values()):
            return
        rows, columns = {row for row, _ in cells}, {column for _, column in cells}
        if len(rows) == 1:
            hides[first] |= {self.labels[first][adno] for adno in pupils}
        elif len(columns) == 1:
            hides[second] |= {self.labels[second][adno] for adno in pupils}

    def _follows(self, source: str, name: str, pupils: Iterable[str]) -> bool:
        """Whether the first label of a pupil determines the second."""
        cells = self._crossed(source, name, pupils)
        return all(of == 1 for of in Counter(label for label, _ in cells).values())

    def _sources(self, pupils: list[str]) -> dict[str, str]:
        """Field -> the field that determines it; itself if there is none."""
        fields = [label for label in self.labels if label not in self.field_of]
        every = {
            (label, other)
            for label in fields
            for other in fields
            if label != other and self._follows(label, other, pupils)
        }
        # Of two fields that determine each other, the first is the source.
        follows = {
            (label, other)
            for label, other in every
            if (other, label) not in every or fields.index(label) < fields.index(other)
        }
        own = [label for label in fields if not any(of == label for _, of in follows)]
        return {
            name: next(
                label for label in own if label == name or (label, name) in follows
            )
            for name in fields
        }

    def _takes_in_some(
        self,
        group: str,
        source: str,
        pupils: list[str],
        hides: Mapping[str, set[str]],
    ) -> bool:
        """Whether a group covers some of its source's hidden labels, but not all."""
        cells = self._crossed(source, group, pupils)
        inside = {label for label, of in cells if of == "Y" and label in hides[source]}
        return bool(inside) and inside != hides[source]


def company(sizes: Mapping[str, int], protected: Mapping[str, int]) -> set[str]:
    """The small groups of a field, and the smallest others until enough are hidden."""
    hides = {label for label, size in protected.items() if size < SMALLEST}
    spare = sorted(
        sizes.keys() - hides, key=lambda label: (sizes[label], *_place(label))
    )
    while (
        hides
        and spare
        and (len(hides) < 2 or sum(protected[label] for label in hides) < SMALLEST)
    ):
        hides.add(spare.pop(0))
    return hides


def _place(label: str) -> tuple[int, int, str]:
    """The sort key of a group among those of its field."""
    if label == UNKNOWN:
        return len(FIRST) + 1, 0, ""
    if label in FIRST:
        return FIRST.index(label), 0, ""
    return len(FIRST), int(label) if label.isdigit() else 10**9, label
