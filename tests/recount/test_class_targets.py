"""Classes that show no progress, and a page a class: all of it counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.recount.check_cover import check_charts, check_cover, check_record

from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import FEW, count_text, grade_text, list_text, per_cent
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.classes import group_rows
from tests.recount.recount_data import CODES, Enrolment, RecountData
from tests.recount.test_department import ROLE, departments

UNCHANGED = 90  # of 100 with the prediction they had before
WORDING = (
    r"90 in 100 have the prediction",
    r"fewer than 11 pupils compared",
    r"PROVISIONAL: under 90 in 100",
)


@dataclass(frozen=True)
class ClassProgress:
    """A class and subject held against its earlier collections."""

    rows: Sequence[Enrolment]
    since: str = ""
    last: str = ""
    then: tuple[Fraction, ...] = ()
    now: tuple[Fraction, ...] = ()
    same: int = 0
    same_n: int = 0

    @property
    def first(self) -> Enrolment:
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
                f"gap not narrowed since {self.since}: {grade_text(then)} then, "
                f"{grade_text(now)} now"
            )
        if self.same_n and self.same * 100 >= UNCHANGED * self.same_n:
            said.append(
                f"predictions unchanged for {per_cent(self.same, self.same_n)} of "
                f"{self.same_n} since {self.last}"
            )
        return "; ".join(said)


def class_progress(data: RecountData, rows: Sequence[Enrolment]) -> ClassProgress:
    """A class against two collections ago (gaps) and the last one (predictions)."""
    there = [
        code
        for code in data.earlier
        if any(one.earlier[code].prediction for one in rows)
    ]
    if not there:
        return ClassProgress(rows)
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
    return ClassProgress(
        rows,
        since,
        last,
        tuple(then for then, _ in gaps if then is not None),
        tuple(now for _, now in gaps if now is not None),
        sum(was == now for was, now in both),
        len(both),
    )


def test_every_number_of_the_class_targets_packs_is_counted_again(
    data: RecountData,
) -> None:
    all_of_them = departments(data)
    paths = {path.stem: path for path in data.exports.pack_paths("class-targets")}
    assert set(paths) == {f"class-targets-{name}" for name in all_of_them}
    for name, rows in all_of_them.items():
        check_pack(data, name, rows, paths[f"class-targets-{name}"]).assert_complete()


def check_pack(
    data: RecountData, name: str, rows: Sequence[Enrolment], path: Path
) -> WorkbookAudit:
    """One department's pack, counted."""
    audit = WorkbookAudit(path, data.exports.labels | set(data.opened))
    audit.ignore_wording(*WORDING)
    each = [
        class_progress(data, part)
        for part in group_rows(
            rows, lambda one: (one.class_year, one.class_, one.subject)
        ).values()
    ]
    said = answer(each)
    mine = {one.class_ for one in rows}
    check_cover(
        audit["Cover"], data, rows, scope=name, role=ROLE,
        holders=data.holders(ROLE, name), opening=said,
        leaver_count=sum(row["class"] in mine for row in data.leaver_marks),
    )  # fmt: skip
    pack = f"class-targets-{name}"
    said += opening_actions(data, pack, rows)
    issues = no_progress(audit["No progress"], data, pack, each, said)
    pages = [sheet.title for sheet in audit][2:-2]
    by_class = group_rows(rows, lambda one: (one.class_,))
    titles = [str(code).replace("/", "-")[:31] for (code,) in by_class]
    assert pages == titles
    for title, part in zip(pages, by_class.values(), strict=True):
        a_class(audit[title], data, part)
    check_actions(audit["Actions"], data, pack, rows, elsewhere=issues)
    check_record(audit["Pack record"], data, pack, 0)
    assert not check_charts(audit)
    return audit


def answer(each: Sequence[ClassProgress]) -> list[str]:
    """What there is to say of the classes."""
    known = {one.first.class_ for one in each if one.known}
    if not known:
        return ["No class can be compared with an earlier collection yet."]
    still = sorted({one.first.class_ for one in each if one.why})
    of = count_text(len(known), "class", "classes")
    said = [f"All of {of} that can be compared show progress."]
    if still:
        show = "shows" if len(still) == 1 else "show"
        said = [
            f"{len(still):,} of {of} that can be compared {show} no progress: "
            f"{list_text(still, most=12)}."
        ]
        few = set(still) - {one.first.class_ for one in each if one.why and not one.few}
        if few:
            said.append(
                f"{count_text(len(few), 'class', 'classes')} of them with fewer than 11 "
                "pupils compared: too few to conclude."
            )
    unknown = {one.first.class_ for one in each} - known
    if unknown:
        said.append(
            f"{count_text(len(unknown), 'class', 'classes')} cannot be compared with an "
            "earlier collection yet."
        )
    return said


def no_progress(
    sheet: SheetAudit,
    data: RecountData,
    pack: str,
    each: Sequence[ClassProgress],
    said: Sequence[str],
) -> list[str]:
    """The page it opens on; the issues that are written about on it."""
    for at, text in enumerate(said, start=4):
        sheet.expect(f"A{at}", text)
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
            for row in data.exports["actions"]
            if (row["pack"], row["collection"]) == (pack, data.code)
            and row["issue"] == issues[-1]
        ]
        last = written[-1] if written else {}
        line.expect(
            {
                "Year": first.class_year,
                **({"Subject": first.subject} if several else {}),
                "Class": first.class_,
                "Teacher": data.teacher(first.teachers),
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


def a_class(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """A class's page: each pupil's target, every collection's prediction and flag."""
    first = rows[0]
    subjects = list(dict.fromkeys(one.subject for one in rows))
    title = data.collection.get("name", data.code)
    sheet.expect("A1", f"{first.class_}: {list_text(subjects)}")
    sheet.expect("A2", f"{data.teacher(first.teachers)}; {title}")
    flags = [one.flag for one in rows if one.flag]
    if flags:
        reached = sum(flag in ("Above", "On") for flag in flags)
        of = count_text(len(flags), "prediction")
        sheet.expect("A4", f"{reached:,} of {of} with a target reach it.")
    elif first.class_ in data.merged:
        sheet.expect(
            "A4",
            "Nobody has both a prediction and a target, so there are no flags to show.",
        )
    else:
        sheet.expect(
            "A4", "Not returned yet: there are no predictions in this collection."
        )
    earlier = [
        code for code in data.earlier if any(one.earlier[code].shown for one in rows)
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
        line.expect(wanted)
