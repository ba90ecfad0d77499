"""Who leaves and which classes end because the lists of an import omit them.

A list of some pupils or classes looks like everybody else's departure. So where most of
a year group would leave, or a class of a year that the lists hold is absent, nothing of
the kind happens until a person says which of the two it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.mis.classes import ImportedClasses
from generator.mis.pupil_lists import ImportedPupils
from generator.mis.values import compare_key
from generator.problems import Problem
from generator.store.roster import RosterSnapshot

# Whether the lists are of everybody, of some only, or whether that is in doubt.
Completeness = Literal["", "everybody", "some"]
_TWO_WAYS = (
    "If the lists are of everybody, repeat it with --all-who-are-here; if they are of "
    "some only, with --only-these."
)


@dataclass(frozen=True)
class DepartureRules:
    """When the lists of an import are taken to be of everybody.

    Args:
        completeness: What the person says of the lists; empty: nothing.
        leavers: More leavers of a year group than this, and
        leavers_share: more than this share of its pupils, are asked about.
    """

    completeness: Completeness = ""
    leavers: int = 5
    leavers_share: float = 0.20


@dataclass(frozen=True)
class Departures:
    """Who leaves and what ends, and who does not until a person says so.

    Args:
        leavers: The pupils who leave.
        ended: The classes that end.
        withheld_leavers: The pupils who would leave.
        absent: The classes that would end.
        problems: What is asked about.
    """

    leavers: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    withheld_leavers: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def decide_leavers(
    candidates: Sequence[str],
    before: RosterSnapshot,
    imported: ImportedPupils,
    rules: DepartureRules,
    *,
    academic_year: str,
    is_gone: Callable[[Mapping[str, Any]], bool],
) -> Departures:
    """Decide whether the pupils whom a pupil list omits leave.

    Args:
        candidates: The pupils whom it omits, of the year groups that it holds.
        before: The roster before the import.
        imported: The pupils of the import.
        rules: When a person is asked.
        academic_year: The academic year of the import; only pupils whom a list of this
            year has named before count, so that a new year asks nothing.
        is_gone: Whether a pupil's row says that the pupil has left.
    """
    if rules.completeness == "some":
        return Departures()
    if rules.completeness == "everybody":
        return Departures(leavers=tuple(candidates))
    present = Counter(
        row["year"]
        for row in before.pupils.values()
        if row["academic_year"] == academic_year and not is_gone(row)
    )
    leaving: defaultdict[Any, list[str]] = defaultdict(list)
    for adno in candidates:
        row = before.pupils[adno]
        if row["academic_year"] == academic_year:
            leaving[row["year"]].append(adno)
    files = sorted({row.table.file for row in imported.listed.values()})
    problems = [
        Problem(
            file=files[0] if files else "",
            code="most-would-leave",
            value=str(len(adnos)),
            what=f"{len(adnos):,} of {present[year]:,} pupils of Year {year} are not "
            f"in the pupil list ({_examples(adnos)}). Nobody was marked as left.",
            do=_TWO_WAYS,
        )
        for year, adnos in sorted(leaving.items())
        if len(adnos) > rules.leavers
        and len(adnos) > rules.leavers_share * present[year]
    ]
    if problems:
        return Departures(withheld_leavers=tuple(candidates), problems=tuple(problems))
    return Departures(leavers=tuple(candidates))


def decide_classes(
    before: RosterSnapshot,
    classes: ImportedClasses,
    rules: DepartureRules,
    is_gone: Callable[[str], bool],
) -> Departures:
    """Decide whether the classes end that class lists omit.

    Args:
        before: The roster before the import.
        classes: The classes of the import.
        rules: When a person is asked.
        is_gone: Whether a pupil has left the school.
    """
    absent = _absent_classes(before, classes, is_gone)
    if not absent or rules.completeness == "some":
        return Departures()
    if rules.completeness == "everybody":
        return Departures(ended=tuple(absent))
    rows = {**before.classes, **classes.rows}
    classes_of: defaultdict[str, list[str]] = defaultdict(list)
    for code, adno in classes.members:
        classes_of[adno].append(code)
    problems = []
    for code, pupils in absent.items():
        subject = compare_key(str(rows[code]["subject"]))
        now_in = Counter(
            other
            for adno in pupils
            for other in classes_of[adno]
            if compare_key(str(rows[other]["subject"])) == subject
        )
        there = ", ".join(f"{n} in {other}" for other, n in now_in.most_common(3))
        pupils_text = f"{len(pupils)} pupil{'s' if len(pupils) > 1 else ''}"
        where = f"; of these the lists have {there}" if there else ""
        problems.append(
            Problem(
                file=next(iter(sorted(set(classes.files.values()))), ""),
                code="class-absent",
                value=code,
                what=f"The class {code} is not in the lists, which hold other classes "
                f"of Year {rows[code]['year']}. It was not ended: it has {pupils_text}"
                f"{where}.",
                do=_TWO_WAYS,
            )
        )
    return Departures(absent=tuple(absent), problems=tuple(problems))


def _absent_classes(
    before: RosterSnapshot, classes: ImportedClasses, is_gone: Callable[[str], bool]
) -> dict[str, list[str]]:
    """Class -> pupils, of classes that lists of their year's classes omit."""
    rows = {**before.classes, **classes.rows}
    years = {rows[code]["year"] for code in classes.complete} - {None}
    named = {*classes.rows, *classes.complete, *(c for c, _ in classes.uncertain)}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for (code, adno), (_, until) in before.memberships.items():
        if not until and code not in named and not is_gone(adno):
            members[code].append(adno)
    return {
        code: sorted(members[code])
        for code in sorted(members)
        if code in before.classes and before.classes[code]["year"] in years
    }


def two_class_warnings(
    memberships: Sequence[tuple[str, str]],
    classes: Mapping[str, Mapping[str, Any]],
    files: Mapping[str, str],
) -> list[Problem]:
    """Warn of pupils in two classes of one subject, once for each pair of classes.

    Args:
        memberships: (class, pupil) after the import, of pupils on roll.
        classes: Class code -> row.
        files: Class code -> the file that names it.
    """
    codes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for code, adno in memberships:
        if code in classes:
            codes[adno, compare_key(str(classes[code]["subject"]))].append(code)
    pairs: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for (adno, _), several in codes.items():
        if len(several) > 1:
            pairs[tuple(sorted(several))].append(adno)
    return [
        Problem(
            file=next((files[code] for code in several if code in files), ""),
            severity="warning",
            code="in-two-classes",
            value=", ".join(several),
            adno=adnos[0] if len(adnos) == 1 else "",
            what=f"{_examples(adnos)} {'is' if len(adnos) == 1 else 'are'} in "
            f"{' and '.join(several)}, both of {classes[several[0]]['subject']}.",
            do="Nothing, if that is right; else take the pupils out of one of them, or "
            "import the whole class lists with --all-who-are-here.",
        )
        for several, adnos in sorted(pairs.items())
    ]


def _examples(adnos: Sequence[str], limit: int = 5) -> str:
    """Admission numbers in words, shortened after a limit."""
    text = ", ".join(sorted(adnos)[:limit])
    return text if len(adnos) <= limit else f"{text} and {len(adnos) - limit:,} more"
