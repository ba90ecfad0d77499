"""The pastoral packs, counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from tests.recount import intervention_pages
from tests.recount.action_pages import check_actions, opening_actions
from tests.recount.arithmetic import listing, plural
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.cover import check_cover, check_record
from tests.recount.pupils import (
    PupilRecount,
    check_praise_page,
    on_roll,
    praise_lines,
    pupil_recounts,
    pupils_below,
)
from tests.recount.recount_data import Enrolment, RecountData
from tests.recount.tables import Row

WORDING = (
    r"^Effort \S+$",  # a column for each step of the school's own
    r"up to 2 grades under it", r"2 grades or more under it",
    r"fewer than 11 pupils", r"fewer than 6 similar pupils", r"its 95% interval",
    r"where there are 6 of them at least",
)  # fmt: skip


def settings(data: RecountData) -> tuple[int, int, int]:
    """The settings `below_in`, `praise_in` and `improved`."""
    chosen = data.settings.get("packs", {})
    return (
        chosen.get("below_in", 3), chosen.get("praise_in", 8),
        chosen.get("improved", 10),
    )  # fmt: skip


def test_every_number_of_the_pastoral_packs(data: RecountData) -> None:
    pupils_on_roll = on_roll(data)
    scopes: dict[str, tuple[str, list[Row]]] = {}
    for pupil in pupils_on_roll:
        year, reg = f"Year {pupil['year']}", pupil["reg"]
        scopes.setdefault(year, ("head of year", []))[1].append(pupil)
        if reg:
            scopes.setdefault(reg, ("tutor", []))[1].append(pupil)
    paths = {path.stem: path for path in data.exports.pack_paths("pastoral")}
    assert set(paths) == {f"pastoral-{scope}" for scope in scopes}
    for scope, (role, pupils) in scopes.items():
        pack = PastoralPack(data, scope, role, pupils)
        pack.count()
        pack.audit.assert_complete()


class PastoralPack:
    """The pack of a year or tutor group, and its recount."""

    def __init__(
        self, data: RecountData, scope: str, role: str, pupils: Sequence[Row]
    ) -> None:
        self.data, self.scope, self.role = data, scope, role
        adnos = {pupil["adno"] for pupil in pupils}
        self.rows: list[Enrolment] = [o for o in data.enrolments if o.adno in adnos]
        self.pupils = pupil_recounts(data, self.rows, pupils)
        self.least, self.praise_in, self.improved = settings(data)
        self.worst = pupils_below(self.pupils, self.least)
        self.name = f"pastoral-{scope}"
        path = data.exports.packs / f"{self.name}.xlsx"
        labels = data.exports.labels | set(data.opened)
        self.audit = WorkbookAudit(path, labels)
        self.audit.ignore_wording(*WORDING)

    def count(self) -> None:
        """Check every sheet."""
        data, scope = self.data, self.scope
        names: tuple[str, ...] = (scope,)
        if self.role == "head of year":
            number = scope.removeprefix("Year ")
            names = (scope, number, f"Y{number}")
        field = "year" if self.role == "head of year" else "reg"
        field_value = scope.removeprefix("Year ") if field == "year" else scope
        sentences = self.answer()
        check_cover(
            self.audit["Cover"],
            data,
            self.rows,
            scope=scope,
            role=self.role,
            holders=data.holders(self.role, *names),
            opening=sentences,
            leaver_count=sum(
                data.pupils[row["adno"]][field] == field_value
                for row in data.leaver_marks
            ),
        )
        self.below(self.audit["Below target"], sentences)
        self.grid(self.audit["Grid"])
        praised = praise_lines(
            self.pupils, least=self.praise_in, improved=self.improved
        )
        check_praise_page(self.audit["Praise"], f"{scope}: praise", praised)
        sheet = self.audit["Praise"]
        rule = (
            f"On or above target in {self.praise_in} subjects or more; or singled out "
            f"by a teacher; or among the {self.improved} whose predictions have risen "
            "most since the collection before, on average over at least 3 subjects "
            "that can be matched."
        )
        sheet.expect("A4", rule)
        intervention_pages.pages(self.audit, data, self.rows, own=False)
        check_actions(self.audit["Actions"], data, self.name, self.rows)
        check_record(self.audit["Pack record"], data, self.name, len(self.pupils))

    @property
    def last(self) -> str:
        """The collections before this one."""
        last = self.data.last
        codes = sorted({last[row.year] for row in self.rows if row.year in last})
        return listing(codes) if codes else ""

    def answer(self) -> list[str]:
        """The opening sentences."""
        least, sentences = self.least, []
        with_data = [pupil for pupil in self.pupils if pupil.with_data]
        of = plural(len(with_data), "pupil")
        if not with_data:
            sentences.append(
                "Nothing has come back yet: no pupil has a prediction and a target in "
                "this collection."
            )
        elif not self.worst:
            sentences.append(
                f"Nobody of {of} with data is below target in {least} subjects or more."
            )
        else:
            be = "is" if len(self.worst) == 1 else "are"
            far = sum(pupil.count("Well below") > 0 for pupil in self.worst)
            sentences.append(
                f"{len(self.worst):,} of {of} with data {be} below target in {least} "
                f"subjects or more; {far:,} have a subject 2 grades or more below."
            )
        matched = [pupil for pupil in with_data if pupil.last_below is not None]
        if matched:
            then = sum((pupil.last_below or 0) >= least for pupil in matched)
            now = sum(pupil.below >= least for pupil in matched)
            sentences.append(
                f"In {self.last} it was {then:,}, of the same pupils it is now {now:,}."
            )
        if self.worst:
            without = sum(not pupil.running_help() for pupil in self.worst)
            sentences.append(
                f"{without:,} of them have no intervention running."
                if without
                else "All of them have an intervention running."
            )
        untaught = [pupil.pupil for pupil in self.pupils if not pupil.rows]
        if untaught:
            names = [f"{pupil['forename']} {pupil['surname']}" for pupil in untaught]
            sentences.append(
                "In no class that was asked, so nothing is known of them: "
                f"{listing(names, 12)}."
            )
        return sentences

    def below(self, sheet: SheetAudit, sentences: Sequence[str]) -> None:
        title = self.data.collection.get("name", self.data.code)
        sheet.expect("A1", f"{self.scope}: {title}")
        opening = [*sentences, *opening_actions(self.data, self.name, self.rows)]
        for at, sentence in enumerate(opening, start=4):
            sheet.expect(f"A{at}", sentence)
        if not self.worst:
            return
        compared = (
            f'"Last time": in how many they were below in {self.last}.'
            if self.last
            else "There is no earlier collection to compare with."
        )
        sheet.expect(
            sheet.find_cell("Pupils below target in "),
            f"Pupils below target in {self.least} subjects or more (the school sets "
            "how many), those below in most first; each subject with the prediction "
            f"and, in brackets, the target. {compared} Write in the yellow columns "
            "what will be done; nothing else can be changed.",
        )
        lines = sheet.lines("Adno", "Running now")
        assert [line["Adno"] for line in lines] == [pupil.adno for pupil in self.worst]
        for line, pupil in zip(lines, self.worst, strict=True):
            line.expect(below_cells(pupil))
            line.expect({"Behaviour points": pupil.conduct()["behaviour"]})
            if self.role == "head of year":
                line.expect({"Reg": pupil.pupil["reg"]})
            line.expect({"Intervention": "", "Who": "", "From": "", "Until": ""})

    def grid(self, sheet: SheetAudit) -> None:
        sheet.expect("A1", f"{self.scope}: grid")
        subjects = sorted({row.subject for row in self.rows})
        efforts_used = {row["effort"] for row in self.rows if row["effort"]}
        scale = self.data.settings.get("flags", {}).get("effort", [])
        steps = [step for step in scale if step in efforts_used]
        steps += sorted(efforts_used - set(scale))
        lines = sheet.lines("Surname", "Below in")
        people = sorted(
            self.pupils,
            key=lambda pupil: (
                int(pupil.pupil["year"]),
                pupil.pupil["reg"],
                *pupil.name,
            ),
        )
        assert len(lines) == len(people)
        headings = (
            "Surname", "Forename", "Reg", "Groups", "Below in", *subjects,
            *(f"Effort {step}" for step in steps), "Attendance %", "Behaviour points",
            "Achievement points",
        )  # fmt: skip
        for line, pupil in zip(lines, people, strict=True):
            assert line.headings() == headings
            flags = {row.subject: row.flag or "No data" for row in pupil.rows}
            efforts = [row["effort"] for row in pupil.rows if row["effort"]]
            conduct = pupil.conduct()
            line.expect(
                {
                    "Surname": pupil.pupil["surname"],
                    "Forename": pupil.pupil["forename"],
                    "Reg": pupil.pupil["reg"],
                    "Groups": pupil.groups,
                    "Below in": pupil.below if pupil.with_data else None,
                    **{subject: flags.get(subject, "") for subject in subjects},
                    **{
                        f"Effort {step}": efforts.count(step) if efforts else None
                        for step in steps
                    },
                    "Attendance %": conduct["attendance"],
                    "Behaviour points": conduct["behaviour"],
                    "Achievement points": conduct["achievement"],
                }
            )


def below_cells(pupil: PupilRecount) -> dict[str, object]:
    """The cells of a line in a list of pupils below target."""
    return {
        "Adno": pupil.adno,
        "Surname": pupil.pupil["surname"],
        "Forename": pupil.pupil["forename"],
        "Groups": pupil.groups,
        "Below in": pupil.below,
        "Well below in": pupil.count("Well below"),
        "With data": pupil.with_data,
        "Last time": pupil.last_below,
        "Subjects below: prediction (target)": pupil.subjects_below,
        "Attendance %": pupil.conduct()["attendance"],
        "Running now": pupil.running_help(),
    }
