"""The class targets packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import FEW, listing, per_cent, plural, signed
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.classes import group_rows
from tests.recount.cover import check_charts, check_cover, check_record
from tests.recount.recount_data import CODES, Enrolment, RecountData
from tests.recount.test_department import ROLE, departments

UNCHANGED = 90  # of 100 predictions
WORDING = (
    r"90 in 100 have the prediction",
    r"fewer than 11 pupils compared",
    r"PROVISIONAL: under 90 in 100",
)


@dataclass(frozen=True)
class ClassProgress:
    """A class and subject compared with its earlier collections."""

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
    def comparable(self) -> bool:
        return bool(self.now or self.same_n)

    @property
    def few(self) -> bool:
        """Whether a comparison has fewer than 11 pupils."""
        return any(0 < n < FEW for n in (len(self.now), self.same_n))

    @property
    def gap_then(self) -> Fraction | None:
        return sum(self.then, Fraction(0)) / len(self.then) if self.then else None

    @property
    def gap_now(self) -> Fraction | None:
        return sum(self.now, Fraction(0)) / len(self.now) if self.now else None

    @property
    def why(self) -> str:
        """Why the class is named; empty if it shows progress."""
        reasons = []
        then, now = self.gap_then, self.gap_now
        if then is not None and now is not None and now < 0 and now <= then:
            reasons.append(
                f"gap not narrowed since {self.since}: {signed(then)} then, "
                f"{signed(now)} now"
            )
        if self.same_n and self.same * 100 >= UNCHANGED * self.same_n:
            reasons.append(
                f"predictions unchanged for {per_cent(self.same, self.same_n)} of "
                f"{self.same_n} since {self.last}"
            )
        return "; ".join(reasons)


def class_progress(data: RecountData, rows: Sequence[Enrolment]) -> ClassProgress:
    """A class against two collections ago (gaps) and the last one (predictions)."""
    codes = [
        code
        for code in data.earlier
        if any(row.earlier[code].prediction for row in rows)
    ]
    if not codes:
        return ClassProgress(rows)
    since, last = codes[-2:][0], codes[-1]
    gaps = [
        (row.earlier[since].gap, row.gap)
        for row in rows
        if row.earlier[since].gap is not None and row.gap is not None
    ]
    both = [
        (row.earlier[last].prediction, row["prediction"])
        for row in rows
        if row.earlier[last].prediction not in ("", *CODES)
        and row["prediction"] not in ("", *CODES)
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


def test_every_number_of_the_class_targets_packs(
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
    """Check one department's pack."""
    audit = WorkbookAudit(path, data.exports.labels | set(data.opened))
    audit.ignore_wording(*WORDING)
    each = [
        class_progress(data, part)
        for part in group_rows(
            rows, lambda row: (row.class_year, row.class_, row.subject)
        ).values()
    ]
    sentences = answer(each)
    classes = {row.class_ for row in rows}
    check_cover(
        audit["Cover"], data, rows, scope=name, role=ROLE,
        holders=data.holders(ROLE, name), opening=sentences,
        leaver_count=sum(row["class"] in classes for row in data.leaver_marks),
    )  # fmt: skip
    pack = f"class-targets-{name}"
    sentences += opening_actions(data, pack, rows)
    issues = no_progress(audit["No progress"], data, pack, each, sentences)
    pages = [sheet.title for sheet in audit][2:-2]
    by_class = group_rows(rows, lambda row: (row.class_,))
    titles = [str(code).replace("/", "-")[:31] for (code,) in by_class]
    assert pages == titles
    for title, part in zip(pages, by_class.values(), strict=True):
        a_class(audit[title], data, part)
    check_actions(audit["Actions"], data, pack, rows, elsewhere=issues)
    check_record(audit["Pack record"], data, pack, 0)
    assert not check_charts(audit)
    return audit


def answer(each: Sequence[ClassProgress]) -> list[str]:
    """The opening sentences."""
    comparable = {progress.first.class_ for progress in each if progress.comparable}
    if not comparable:
        return ["No class can be compared with an earlier collection yet."]
    still = sorted({progress.first.class_ for progress in each if progress.why})
    of = plural(len(comparable), "class", "classes")
    sentences = [f"All of {of} that can be compared show progress."]
    if still:
        show = "shows" if len(still) == 1 else "show"
        sentences = [
            f"{len(still):,} of {of} that can be compared {show} no progress: "
            f"{listing(still, most=12)}."
        ]
        few = set(still) - {
            progress.first.class_
            for progress in each
            if progress.why and not progress.few
        }
        if few:
            sentences.append(
                f"{plural(len(few), 'class', 'classes')} of them with fewer than 11 "
                "pupils compared: too few to conclude."
            )
    unknown = {progress.first.class_ for progress in each} - comparable
    if unknown:
        sentences.append(
            f"{plural(len(unknown), 'class', 'classes')} cannot be compared with an "
            "earlier collection yet."
        )
    return sentences


def no_progress(
    sheet: SheetAudit,
    data: RecountData,
    pack: str,
    each: Sequence[ClassProgress],
    sentences: Sequence[str],
) -> list[str]:
    """Check the opening page, and return the issues with actions on it."""
    for at, text in enumerate(sentences, start=4):
        sheet.expect(f"A{at}", text)
    several = len({progress.first.subject for progress in each}) > 1
    still = sorted(
        (progress for progress in each if progress.why),
        key=lambda progress: (
            progress.few,
            progress.gap_now is None,
            progress.gap_now or 0,
            progress.first.class_,
            progress.first.subject,
        ),
    )
    lines = sheet.lines("Since", "Same prediction") if still else []
    assert len(lines) == len(still)
    issues = []
    for line, progress in zip(lines, still, strict=True):
        first, then, now = progress.first, progress.gap_then, progress.gap_now
        about = f"{first.class_}, {first.subject}" if several else first.class_
        issues.append(f"{about}: no progress")
        class_actions = [
            row
            for row in data.exports["actions"]
            if (row["pack"], row["collection"]) == (pack, data.code)
            and row["issue"] == issues[-1]
        ]
        last = class_actions[-1] if class_actions else {}
        line.expect(
            {
                "Year": first.class_year,
                **({"Subject": first.subject} if several else {}),
                "Class": first.class_,
                "Teacher": data.teacher(first.teachers),
                "Pupils": len(progress.rows),
                "Since": progress.since,
                "Gap then": None if then is None else float(then),
                "Gap now": None if now is None else float(now),
                "of": len(progress.now),
                "Same prediction": progress.same / progress.same_n
                if progress.same_n
                else None,
                "of 2": progress.same_n,
                "Why it is here": progress.why,
                "Action": last.get("action"),
                "Who": last.get("who"),
                "By when": last.get("by_when"),
            }
        )
    return issues


def a_class(sheet: SheetAudit, data: RecountData, rows: Sequence[Enrolment]) -> None:
    """Check a class's page: each pupil's target, predictions and flags."""
    first = rows[0]
    subjects = list(dict.fromkeys(row.subject for row in rows))
    title = data.collection.get("name", data.code)
    sheet.expect("A1", f"{first.class_}: {listing(subjects)}")
    sheet.expect("A2", f"{data.teacher(first.teachers)}; {title}")
    flags = [row.flag for row in rows if row.flag]
    if flags:
        reached = sum(flag in ("Above", "On") for flag in flags)
        of = plural(len(flags), "prediction")
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
        code for code in data.earlier if any(row.earlier[code].display for row in rows)
    ]
    ordered = sorted(
        rows, key=lambda row: (row.subject, row["surname"], row["forename"], row.adno)
    )
    lines = sheet.lines("Surname", "Flag")
    assert len(lines) == len(ordered)
    for line, row in zip(lines, ordered, strict=True):
        expected = {
            "Surname": row["surname"],
            "Forename": row["forename"],
            "Reg": row["reg"],
            "Groups": row.groups,
            **({"Subject": row.subject} if len(subjects) > 1 else {}),
            "Target": row["target"],
            "Aspirational": row["aspirational"],
            **{code: row.earlier[code].display for code in earlier},
            "Prediction": row["prediction"],
            "Flag": row.flag,
            "Working at": row["working_at"],
            "Reason": row["reason"],
        }
        assert list(line.headings()) == list(expected)
        line.expect(expected)
