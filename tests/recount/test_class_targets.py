"""Classes that show no progress, and a page a class: all of it counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.recount.action_pages import actions, before
from tests.recount.arithmetic import FEW, grades, listed, many, per_cent
from tests.recount.audit import Ledger, Sheet
from tests.recount.classes import parts
from tests.recount.cover import charts, cover, record
from tests.recount.recount_data import CODES, Reckoning, Taught
from tests.recount.test_department import ROLE, departments

UNCHANGED = 90  # of 100 with the prediction they had before
WORDING = (
    r"90 in 100 have the prediction",
    r"fewer than 11 pupils compared",
    r"PROVISIONAL: under 90 in 100",
)


@dataclass(frozen=True)
class Compared:
    """A class and subject held against its earlier collections."""

    rows: Sequence[Taught]
    since: str = ""
    last: str = ""
    then: tuple[Fraction, ...] = ()
    now: tuple[Fraction, ...] = ()
    same: int = 0
    same_n: int = 0

    @property
    def first(self) -> Taught:
        return self.rows[0]

    @property
    def known(self) -> bool:
        return bool(self.now or self.same_n)

    @property
    def few(self) -> bool:
        """Fewer than 11 pupils behind either comparison that there is."""
        return any(0 < n < FEW for n in (len(self.now), self.same_n))

    @property
    def gap_then(self) -> Fraction | None:
        return sum(self.then, Fraction(0)) / len(self.then) if self.then else None

    @property
    def gap_now(self) -> Fraction | None:
        return sum(self.now, Fraction(0)) / len(self.now) if self.now else None

    @property
    def why(self) -> str:
        """Why it is named; empty where it shows progress."""
        said = []
        then, now = self.gap_then, self.gap_now
        if then is not None and now is not None and now < 0 and now <= then:
            said.append(
                f"gap not narrowed since {self.since}: {grades(then)} then, "
                f"{grades(now)} now"
            )
        if self.same_n and self.same * 100 >= UNCHANGED * self.same_n:
            said.append(
                f"predictions unchanged for {per_cent(self.same, self.same_n)} of "
                f"{self.same_n} since {self.last}"
            )
        return "; ".join(said)


def compared(reckoning: Reckoning, rows: Sequence[Taught]) -> Compared:
    """A class against two collections ago (gaps) and the last one (predictions)."""
    there = [
        code
        for code in reckoning.earlier
        if any(one.earlier[code].prediction for one in rows)
    ]
    if not there:
        return Compared(rows)
    since, last = there[-2:][0], there[-1]
    gaps = [
        (one.earlier[since].gap, one.gap)
        for one in rows
        if one.earlier[since].gap is not None and one.gap is not None
    ]
    both = [
        (one.earlier[last].prediction, one["prediction"])
        for one in rows
        if one.earlier[last].prediction not in ("", *CODES)
        and one["prediction"] not in ("", *CODES)
    ]
    return Compared(
        rows,
        since,
        last,
        tuple(then for then, _ in gaps if then is not None),
        tuple(now for _, now in gaps if now is not None),
        sum(was == now for was, now in both),
        len(both),
    )


def test_every_number_of_the_class_targets_packs_is_counted_again(
    reckoning: Reckoning,
) -> None:
    all_of_them = departments(reckoning)
    paths = {path.stem: path for path in reckoning.books.named("class-targets")}
    assert set(paths) == {f"class-targets-{name}" for name in all_of_them}
    for name, rows in all_of_them.items():
        counted(reckoning, name, rows, paths[f"class-targets-{name}"]).settle()


def counted(
    reckoning: Reckoning, name: str, rows: Sequence[Taught], path: Path
) -> Ledger:
    """One department's pack, counted."""
    ledger = Ledger(path, reckoning.books.labels | set(reckoning.opened))
    ledger.wording(*WORDING)
    each = [
        compared(reckoning, part)
        for part in parts(
            rows, lambda one: (one.class_year, one.class_, one.subject)
        ).values()
    ]
    said = answer(each)
    mine = {one.class_ for one in rows}
    cover(
        ledger["Cover"], reckoning, rows, scope=name, role=ROLE,
        holders=reckoning.holders(ROLE, name), said=said,
        gone=sum(row["class"] in mine for row in reckoning.gone),
    )  # fmt: skip
    pack = f"class-targets-{name}"
    said += before(reckoning, pack, rows)
    issues = no_progress(ledger["No progress"], reckoning, pack, each, said)
    pages = [sheet.title for sheet in ledger][2:-2]
    by_class = parts(rows, lambda one: (one.class_,))
    titles = [str(code).replace("/", "-")[:31] for (code,) in by_class]
    assert pages == titles
    for title, part in zip(pages, by_class.values(), strict=True):
        a_class(ledger[title], reckoning, part)
    actions(ledger["Actions"], reckoning, pack, rows, elsewhere=issues)
    record(ledger["Pack record"], reckoning, pack, 0)
    assert not charts(ledger)
    return ledger


def answer(each: Sequence[Compared]) -> list[str]:
    """What there is to say of the classes."""
    known = {one.first.class_ for one in each if one.known}
    if not known:
        return ["No class can be compared with an earlier collection yet."]
    still = sorted({one.first.class_ for one in each if one.why})
    of = many(len(known), "class", "classes")
    said = [f"All of {of} that can be compared show progress."]
    if still:
        show = "shows" if len(still) == 1 else "show"
        said = [
            f"{len(still):,} of {of} that can be compared {show} no progress: "
            f"{listed(still, most=12)}."
        ]
        few = set(still) - {one.first.class_ for one in each if one.why and not one.few}
        if few:
            said.append(
                f"{many(len(few), 'class', 'classes')} of them with fewer than 11 "
                "pupils compared: too few to conclude."
            )
    unknown = {one.first.class_ for one in each} - known
    if unknown:
        said.append(
            f"{many(len(unknown), 'class', 'classes')} cannot be compared with an "
            "earlier collection yet."
        )
    return said


def no_progress(
    sheet: Sheet,
    reckoning: Reckoning,
    pack: str,
    each: Sequence[Compared],
    said: Sequence[str],
) -> list[str]:
    """The page it opens on; the issues that are written about on it."""
    for at, text in enumerate(said, start=4):
        sheet.says(f"A{at}", text)
    several = len({one.first.subject for one in each}) > 1
    still = sorted(
        (one for one in each if one.why),
        key=lambda one: (
            one.few, one.gap_now is None, one.gap_now or 0, one.first.class_,
            one.first.subject,
        ),
    )  # fmt: skip
    lines = sheet.lines("Since", "Same prediction") if still else []
    assert len(lines) == len(still)
    issues = []
    for line, one in zip(lines, still, strict=True):
        first, then, now = one.first, one.gap_then, one.gap_now
        about = f"{first.class_}, {first.subject}" if several else first.class_
        issues.append(f"{about}: no progress")
        written = [
            row
            for row in reckoning.books["actions"]
            if (row["pack"], row["collection"]) == (pack, reckoning.code)
            and row["issue"] == issues[-1]
        ]
        last = written[-1] if written else {}
        line.are(
            {
                "Year": first.class_year,
                **({"Subject": first.subject} if several else {}),
                "Class": first.class_,
                "Teacher": reckoning.teacher(first.teachers),
                "Pupils": len(one.rows),
                "Since": one.since,
                "Gap then": None if then is None else float(then),
                "Gap now": None if now is None else float(now),
                "of": len(one.now),
                "Same prediction": one.same / one.same_n if one.same_n else None,
                "of 2": one.same_n,
                "Why it is here": one.why,
                "Action": last.get("action"),
                "Who": last.get("who"),
                "By when": last.get("by_when"),
            }
        )
    return issues


def a_class(sheet: Sheet, reckoning: Reckoning, rows: Sequence[Taught]) -> None:
    """A class's page: each pupil's target, every collection's prediction and flag."""
    first = rows[0]
    subjects = list(dict.fromkeys(one.subject for one in rows))
    title = reckoning.collection.get("name", reckoning.code)
    sheet.says("A1", f"{first.class_}: {listed(subjects)}")
    sheet.says("A2", f"{reckoning.teacher(first.teachers)}; {title}")
    flags = [one.flag for one in rows if one.flag]
    if flags:
        reached = sum(flag in ("Above", "On") for flag in flags)
        of = many(len(flags), "prediction")
        sheet.says("A4", f"{reached:,} of {of} with a target reach it.")
    elif first.class_ in reckoning.merged:
        sheet.says(
            "A4",
            "Nobody has both a prediction and a target, so there are no flags to show.",
        )
    else:
        sheet.says(
            "A4", "Not returned yet: there are no predictions in this collection."
        )
    earlier = [
        code
        for code in reckoning.earlier
        if any(one.earlier[code].shown for one in rows)
    ]
    shown = sorted(
        rows, key=lambda one: (one.subject, one["surname"], one["forename"], one.adno)
    )
    lines = sheet.lines("Surname", "Flag")
    assert len(lines) == len(shown)
    for line, one in zip(lines, shown, strict=True):
        wanted = {
            "Surname": one["surname"],
            "Forename": one["forename"],
            "Reg": one["reg"],
            "Groups": one.groups,
            **({"Subject": one.subject} if len(subjects) > 1 else {}),
            "Target": one["target"],
            "Aspirational": one["aspirational"],
            **{code: one.earlier[code].shown for code in earlier},
            "Prediction": one["prediction"],
            "Flag": one.flag,
            "Working at": one["working_at"],
            "Reason": one["reason"],
        }
        assert list(line.headings()) == list(wanted)
        line.are(wanted)
