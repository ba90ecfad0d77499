"""The settings of `school.toml` as one frozen model."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from generator.school.report_settings import ReportSettings
from udfs.measures.group_rules import BadRule, read_rule
from udfs.scales.subjects import Baseline, Slot

Method = Literal["transition", "anchor", "previous", "imported", "department"]
Ask = Literal[
    "working_at",
    "prediction",
    "reason",
    "effort",
    "praise",
    "comment",
    "target_query",
]
ASKS: tuple[Ask, ...] = (
    "working_at",
    "prediction",
    "reason",
    "effort",
    "praise",
    "comment",
    "target_query",
)
MeasureName = Literal[
    "attainment8",
    "attainment8_english",
    "attainment8_maths",
    "attainment8_ebacc",
    "attainment8_open",
    "progress8",
    "english_maths_4",
    "english_maths_5",
    "english_maths_7",
    "ebacc_entry",
    "ebacc_points",
    "mean_points",
    "mean_gap",
    "on_or_above",
    "residual",
    "incomplete",
]
KINDS = (
    "department", "pastoral", "group", "leadership", "governors", "target-groups",
    "class-targets", "praise", "journey", "ladders", "results",
)  # fmt: skip


def _in_hundredths(value: float) -> float:
    if abs(value * 100 - round(value * 100)) > 1e-9:
        raise ValueError("write it in hundredths, for example 0.60")
    return value


Year = Annotated[int, Field(ge=7, le=13)]
Share = Annotated[float, Field(ge=0.01, le=0.99), AfterValidator(_in_hundredths)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class SchoolSettings(_Settings):
    """`[school]`: the school and its database."""

    name: str = "Our school"
    urn: int | str = ""
    academic_year: str = Field(pattern=r"^\d{4}/\d{2}$")
    database: str = "sqlite:///markbooks.sqlite"
    contact: str = "the data office"

    @model_validator(mode="after")
    def _years_follow(self) -> Self:
        first, second = self.academic_year.split("/")
        if (int(first) + 1) % 100 != int(second):
            raise ValueError(
                f'academic_year = "{self.academic_year}": write two years that follow '
                f'each other, for example "{first}/{(int(first) + 1) % 100:02d}"'
            )
        return self


class SubjectSettings(_Settings):
    """`[[subjects]]`: one subject in this school."""

    name: str = Field(min_length=1)
    code: str | None = None
    national: str | None = None
    scale: str | None = None
    baseline: Baseline | None = None
    slot: Slot | None = None
    department: str | None = None
    covers: tuple[str, ...] | None = None
    follows: str | None = None
    qualification_number: str | None = None
    size: float | None = None
    discount: str | None = None
    synonyms: tuple[str, ...] | None = None
    practical: bool | None = None
    method: Method | None = None  # this and the rest: as under [targets]
    floor: str | None = None
    cap: str | None = None
    indicator: str | None = None
    aspirational_indicator: str | None = None
    baseline_indicator: str | None = None
    ambition: Share | None = None
    aspirational: Share | None = None
    challenge: int | None = Field(default=None, ge=0, le=9)


class TargetSettings(_Settings):
    """`[targets]`: how drafts are made."""

    method: Method = "transition"
    ambition: Share = 0.60
    aspirational: Share = 0.80
    challenge: int = Field(default=0, ge=0, le=9)
    fine: bool | None = None  # thirds of a grade; None: where the scale has them
    aspirational_steps: int = Field(default=1, ge=0, le=9)  # whole grades
    floor: str = ""  # GCSE grades; a subject's own are of its scale
    cap: str = ""
    anchor_shift: bool = False
    indicator: str = ""  # `{subject}` stands for the subject's name
    aspirational_indicator: str = ""
    baseline_indicator: str = "{subject} baseline"
    cat4: str = "CAT4 Mean SAS"
    gcse_average: str = "GCSE average"
    ks2_special_consideration: Literal["with", "without"] = "with"
    years: tuple[Literal["2022/23", "2023/24"], ...] = Field(
        default=("2022/23", "2023/24"), min_length=1
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ambition > self.aspirational:
            raise ValueError(
                f"ambition {self.ambition} is above aspirational {self.aspirational}: "
                "the expected target is never the higher one"
            )
        return self


class Collection(_Settings):
    """`[[collections]]`: one round of collecting marks from teachers."""

    code: str = Field(min_length=1, max_length=20)
    name: str = ""
    years: tuple[Year, ...] = Field(default=(7, 8, 9, 10, 11), min_length=1)
    opens: date
    closes: date
    asks: tuple[Ask, ...] = Field(default=ASKS, min_length=1)
    style: Literal["grade", "judgement"] = "grade"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.closes < self.opens:
            raise ValueError(
                f"closes comes before opens ({self.closes} is before {self.opens})"
            )
        if self.code.lower() in KINDS:
            raise ValueError(
                f"a collection may not be called {self.code!r}, the name of a pack"
            )
        if not re.fullmatch(r"[^\s/\\:*?\"<>|;,.][^/\\:*?\"<>|;,]*", self.code):
            raise ValueError(
                f"code = {self.code!r}: a code is a folder's name, without "
                '/ \\ : * ? " < > | ; , and without . or a space at its start'
            )
        return self

    @property
    def title(self) -> str:
        """Its name, or its code where it has none."""
        return self.name or self.code

    def is_open(self, today: date) -> bool:
        """Whether returns are expected today; both days count."""
        return self.opens <= today <= self.closes


class Group(_Settings):
    """`[[groups]]`: a group of pupils with a leader, by a rule."""

    name: str = Field(min_length=1)
    rule: str = Field(min_length=1)

    @model_validator(mode="after")
    def _rule_is_read(self) -> Self:
        try:
            read_rule(self.name, self.rule)
        except BadRule as error:
            raise ValueError(
                f"{error.what.rstrip('.')} ({error.do.rstrip('.')})"
            ) from None
        return self


class MeasureSettings(_Settings):
    """`[measures]`: how the measures of Key Stage 4 are calculated."""

    years: tuple[Year, ...] = Field(default=(10, 11), min_length=1)
    slots: str = "current"
    estimates: str = ""
    ebacc: bool = False
    carry: bool = True


class Kpi(_Settings):
    """`[[kpis]]`: an aim of the school's plan, for a measure of a year group."""

    measure: MeasureName
    year: Year
    group: str = ""  # a group of [[groups]]; none: all pupils
    plan: float  # points, or a share from 0 to 1


class FlagSettings(_Settings):
    """`[flags]`: how grades are compared, and the effort scale."""

    fine: bool = False
    effort: tuple[str, ...] = Field(default=("1", "2", "3", "4"), min_length=1)


class IssueSettings(_Settings):
    """`[issue]`: what a markbook covers, and its order."""

    by: Literal["class", "teacher"] = "class"
    order: Literal["surname", "target", "prior"] = "surname"
    groups: tuple[str, ...] = ("PP", "SEN", "EAL")
    targets_on_board: bool = False
    print_groups: bool = False
    password: str = ""


class PackSettings(_Settings):
    """`[packs]`: which pupils the leaders' workbooks name."""

    below_in: int = Field(default=3, ge=1, le=20)  # subjects below target
    praise_in: int = Field(default=8, ge=1, le=20)  # subjects on or above target
    improved: int = Field(default=10, ge=0, le=100)  # pupils named as most improved
    # The next step after Key Stage 4: so many results of so many points each.
    step_in: int = Field(default=5, ge=1, le=20)
    step_points: float = Field(default=4, ge=0, le=9)
    step_english_maths: bool = True  # English and mathematics among them


class ImportSettings(_Settings):
    """`[import]`: how many pupils of a year may leave with one list unasked."""

    leavers: int = Field(default=5, ge=0)
    leavers_share: Share = 0.20


class MailSettings(_Settings):
    """`[mail]`: what mails may leave the school."""

    domains: tuple[str, ...] = ()  # of the school's addresses; empty: not checked


class Settings(_Settings):
    """All of `school.toml`."""

    school: SchoolSettings
    subjects: tuple[SubjectSettings, ...] = ()
    targets: TargetSettings = TargetSettings()
    collections: tuple[Collection, ...] = ()
    groups: tuple[Group, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    measures: MeasureSettings = MeasureSettings()
    flags: FlagSettings = FlagSettings()
    issue: IssueSettings = IssueSettings()
    packs: PackSettings = PackSettings()
    mail: MailSettings = MailSettings()
    reports: ReportSettings = ReportSettings()
    imports: ImportSettings = Field(default=ImportSettings(), alias="import")
    columns: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _indicators_are_named(self) -> Self:
        if self.targets.indicator:
            return self
        asking = [s.name for s in self.subjects if s.method == "imported"]
        named = [s.name for s in self.subjects if s.indicator]
        missing = [name for name in asking if name not in named]
        if self.targets.method == "imported" and not named:
            missing = ["targets"]
        if missing:
            raise ValueError(
                f'{missing[0]}: method = "imported" needs indicator = "…", the '
                "heading of the imported column, for example FFT50 {subject}"
            )
        return self

    @model_validator(mode="after")
    def _plans_are_of_groups(self) -> Self:
        names = [group.name for group in self.groups]
        for kpi in self.kpis:
            if kpi.group and kpi.group not in names:
                raise ValueError(
                    f"a [[kpis]] names the group {kpi.group!r}, which there is not; "
                    f"there are: {', '.join(names) or 'none yet'}"
                )
        return self

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        for what, names in (
            ("collection", [c.code for c in self.collections]),
            ("subject", [s.name for s in self.subjects]),
            ("group", [g.name for g in self.groups]),
        ):
            seen = [name.casefold() for name in names]
            for name in names:
                if seen.count(name.casefold()) > 1:
                    raise ValueError(f"the {what} {name!r} is there twice")
        return self
