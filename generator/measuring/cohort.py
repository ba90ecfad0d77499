"""The pupils of a collection: their groups, and what each adds to every measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from generator.school.school import School, SettingsError
from generator.store import roster, schema
from udfs.measures.attainment8 import Attainment8Result, attainment8
from udfs.measures.disclosure import NO_ANCHOR, JointHiding, anchored, hide_jointly
from udfs.measures.group_members import group_members
from udfs.measures.group_rules import FIELDS, GroupRule, field_name, read_rule
from udfs.measures.progress8 import prior_thirds, progress8
from udfs.measures.pupil_measures import (
    ENGLISH_AND_MATHS,
    EVERY,
    NEEDING,
    ebacc,
    english_maths,
)
from udfs.scales.key_stage_4_figures import ELEMENTS, THIRDS, Attainment8Estimates
from udfs.scales.slots import CURRENT, SlotModel
from udfs.statistics.arrays import Booleans
from udfs.statistics.cross_tabulation import Dimension, dimension
from udfs.tables import Tables

# The fields that divide pupils into groups; a registration group is no group.
DIVIDED_BY = (
    "sex", "pp", "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "prior",
)  # fmt: skip
_PUPIL_COLUMNS = ("adno", "year", "reg", *DIVIDED_BY[:-1], "halves", "academic_year")
ORDER = (*THIRDS, "N", "K", "E", "Y")  # of groups in tables
REACHED = ("Above", "On")
KEYS = ["adno", "subject"]


@dataclass(frozen=True)
class Cohort:
    """The pupils of one collection.

    Args:
        rows: From `collection_entries`.
        pupils: One row per pupil, by admission number: their fields, `prior`, and
            for each group of the school a column of its name, `Y` or `N`.
        groups: The rules of the school's groups.
        tables: Scales, subjects and national figures.
        school: The school and its settings.
        banked: Results that replace predictions: `adno`, `subject`, `grade` and
            `entry` (the earliest counts); None where there are none.
        carried: Earlier predictions that stand in for blanks in measures that need
            every prediction, from `udfs.measures.carrying`; None where there are none.
        earlier: `compared_targets` of the collections before, with `collection`; None
            where no sum of targets is published.
    """

    rows: pd.DataFrame
    pupils: pd.DataFrame
    groups: tuple[GroupRule, ...]
    tables: Tables
    school: School
    banked: pd.DataFrame | None = None
    carried: pd.DataFrame | None = None
    earlier: pd.DataFrame | None = None

    @property
    def model(self) -> SlotModel:
        """The slots of `[measures] slots`.

        Raises:
            SettingsError: If no slots have that name.
        """
        name = self.school.settings.measures.slots
        models = self.tables.key_stage_4.slots
        if name not in models:
            raise SettingsError(
                f"school.toml: [measures] slots = {name!r}, which there is not.",
                f"Use one of: {', '.join(models)}.",
            )
        return models[name]

    @property
    def estimates(self) -> Attainment8Estimates:
        """The estimates of `[measures] estimates`, or the latest.

        Raises:
            SettingsError: If there are none of that year.
        """
        figures = self.tables.key_stage_4
        year = self.school.settings.measures.estimates
        if year and year not in figures.estimates:
            raise SettingsError(
                f"school.toml: [measures] estimates = {year!r}, which there are not.",
                f"Use one of: {', '.join(sorted(figures.estimates))}.",
            )
        return figures.estimates[year] if year else figures.latest

    @cached_property
    def hiding(self) -> JointHiding:
        """What tables that name nobody hide of subjects and years together.

        Subjects and years are in the order of their names and numbers.
        """
        subjects, subject_names = pd.factorize(self.rows["subject"], sort=True)
        years, numbers = pd.factorize(self.rows["year"], sort=True)
        place = subjects * len(numbers) + years
        shape = (len(subject_names), len(numbers))
        marked = self.rows["flag"].notna().to_numpy()
        counts = [
            np.bincount(rows, minlength=shape[0] * shape[1]).reshape(shape)
            for rows in (place, place[marked])
        ]
        return hide_jointly(np.stack(counts, axis=-1).astype(np.int64))

    @cached_property
    def anchored(self) -> Booleans:
        """Whether each of `pupils` protects the measures of every prediction."""
        rows = self.rows.loc[self.rows["flag"].notna()]
        names = sorted(self.rows["subject"].unique())
        years, numbers = pd.factorize(self.pupils["year"], sort=True)
        anchors = self.hiding.anchors
        of_year = {
            number: names[anchor]
            for number, anchor in zip(numbers, anchors.tolist(), strict=True)
            if anchor != NO_ANCHOR
        }
        inside = rows.loc[rows["subject"] == rows["year"].map(of_year), "adno"]
        in_anchor = self.pupils["adno"].isin(inside).to_numpy()
        return anchored(years.astype(np.int64), in_anchor, anchors)

    @cached_property
    def compared_targets(self) -> pd.DataFrame:
        """The targets that are compared: `adno`, `subject`, `target_points`, `cohort`.

        A cohort is known by the September in which it was in Year 0.
        """
        rows = self.rows.loc[self.rows["gap"].notna() & self.rows["points"].notna()]
        rows = rows.loc[rows["target_points"].notna()]
        started = rows["academic_year"].str[:4].astype("Int64") - rows["year"]
        return rows[["adno", "subject", "target_points"]].assign(cohort=started)

    @cached_property
    def attainment(self) -> Attainment8Result:
        """Attainment 8 of the pupils in the years of `[measures] years`."""
        return self._attainment(self.rows)

    @cached_property
    def carried_attainment(self) -> Attainment8Result:
        """The same with predictions carried forward where one is blank."""
        if self.carried is None or self.carried.empty:
            return self.attainment
        carried = self.carried.set_index(KEYS)["grade"]
        pairs = pd.MultiIndex.from_frame(self.rows[KEYS])
        grades = carried.reindex(pairs).set_axis(self.rows.index)
        filled = self.rows["prediction"].where(grades.isna(), grades)
        return self._attainment(self.rows.assign(prediction=filled))

    def _attainment(self, rows: pd.DataFrame) -> Attainment8Result:
        in_years = rows["year"].isin(self.school.settings.measures.years)
        rows = rows.loc[in_years, [*KEYS, "prediction"]]
        rows = rows.rename(columns={"prediction": "grade"})
        if self.banked is not None:
            banked = self.banked.loc[self.banked["adno"].isin(rows["adno"])]
            rows = pd.concat(
                [rows.assign(actual=False, entry=""), banked.assign(actual=True)],
                ignore_index=True,
            )
        return attainment8(rows, self.tables, model=self.model)

    @cached_property
    def pupil_measures(self) -> pd.DataFrame:
        """What each pupil adds to each measure, as `pupil_facts` reads it, by `pupils`.

        The measures of Key Stage 4 are missing for other years and, except
        `incomplete`, for pupils who lack a prediction that the measure needs. With
        predictions carried forward they are `NAME_carried`, and what `carried_facts`
        reads beside them is there too.
        """
        given = self._key_stage_4(self.attainment)
        carried = self._key_stage_4(self.carried_attainment)
        for need in (EVERY, ENGLISH_AND_MATHS):
            lacking = f"missing_{need}"
            given[f"carried_{need}"] = given[lacking] - carried[lacking]
        names = [measure.name for measure in NEEDING if measure.name in given]
        given[[f"{name}_carried" for name in names]] = carried[names]
        pupils = self.pupils[["adno", "year", "halves"]].merge(
            given, on="adno", how="left"
        )
        return pupils.merge(self._everybody(), on="adno", how="left")

    def _key_stage_4(self, result: Attainment8Result) -> pd.DataFrame:
        measures = result.pupils.rename(
            columns={"points": "attainment8", "missing": f"missing_{EVERY}",
                     "needed": f"needed_{EVERY}"}
        )  # fmt: skip
        measures = measures.rename(
            columns={name: f"attainment8_{name}" for name in ELEMENTS}
        )
        marks = [english_maths(result.entries), ebacc(result.entries)]
        measures = pd.concat([measures, *marks], axis=1)
        prior = result.pupils.merge(
            self.pupils[["adno", "halves"]], on="adno", how="left", validate="1:1"
        )
        scores = progress8(
            prior, self.tables.key_stage_4, year=self.estimates.year
        ).rename(columns={"score": "progress8", "group": "prior_group"})
        if self.model.name != CURRENT:  # estimates are of the current slots
            scores[["estimate", "progress8"]] = pd.NA
        measures = pd.concat(
            [measures, scores[["prior_group", "estimate", "progress8"]]], axis=1
        )
        measures["incomplete"] = (~measures["complete"]).astype("int64")
        for measure in NEEDING:
            if measure.name in measures:
                known = measures[f"missing_{measure.needs}"] == 0
                values = measures[measure.name].astype("Int64")
                measures[measure.name] = values.where(known)
        return measures.assign(missing_predictions=measures[f"missing_{EVERY}"])

    def _everybody(self) -> pd.DataFrame:
        rows = self.rows
        flagged = rows["flag"].notna()
        parts = {
            "mean_points": rows["points"],
            "mean_gap": rows["gap"].astype("Int64"),
            "residual": rows["residual"],
            "on_or_above": rows["flag"].isin(REACHED).astype("Int64").where(flagged),
        }
        sums = {}
        for name, values in parts.items():
            grouped = values.groupby(rows["adno"])
            sums[f"{name}_m"] = grouped.count().astype("Int64")
            sums[name] = grouped.sum().astype("Int64")
        return pd.DataFrame(sums).reset_index()

    def dimensions(
        self, adnos: pd.Series | None = None, *, years: bool = False
    ) -> list[Dimension]:
        """The dimensions that divide pupils: fields, then groups.

        A field without any value in this school is left out.

        Args:
            adnos: Admission numbers of the rows to divide; None divides `pupils`.
            years: Whether to divide by year group too.
        """
        pupils = self.pupils.set_index("adno")
        rows = pupils if adnos is None else pupils.loc[adnos.to_numpy()]
        names = [*DIVIDED_BY, *(["year"] if years else [])]
        own = [rule.group for rule in self.groups]
        used = [
            name
            for name in names
            if name not in own
            and pupils[name].notna().any()
            and (pupils[name] != "").any()
        ]
        return [dimension(name, rows[name], ORDER) for name in [*used, *own]]

    def rule_fields(
        self, dimensions: Sequence[Dimension]
    ) -> Mapping[str, tuple[str, ...]]:
        """The fields of each group's rule, where all of them are dimensions."""
        names = {dimension.name for dimension in dimensions}
        fields_by_group = {}
        for rule in self.groups:
            # Within one year group a rule about the year says nothing more.
            fields = tuple(f for f in rule.fields if f in names or f != "year")
            if fields and all(field in names for field in fields):
                fields_by_group[rule.group] = fields
        return fields_by_group


def build_cohort(
    connection: Connection,
    school: School,
    tables: Tables,
    rows: pd.DataFrame,
    *,
    banked: pd.DataFrame | None = None,
    carried: pd.DataFrame | None = None,
) -> Cohort:
    """The pupils of a collection, with their groups.

    Args:
        connection: A transaction of the store.
        school: The school and its settings.
        tables: Scales, subjects and national figures.
        rows: From `collection_entries`.
        banked: See `Cohort`.
        carried: See `Cohort`.

    Raises:
        BadRule: If the rule of a group cannot be used; the message names it.
    """
    pupils = rows.drop_duplicates("adno")[list(_PUPIL_COLUMNS)].reset_index(drop=True)
    pupils["prior"] = prior_thirds(pupils["halves"], tables.key_stage_4)
    rules = tuple(read_rule(group.name, group.rule) for group in school.settings.groups)
    fields = with_indicators(connection, pupils, rules)
    for rule in rules:
        is_member = group_members(rule, fields)
        pupils[rule.group] = is_member.map({True: "Y", False: "N"}).astype("str")
    return Cohort(rows, pupils, rules, tables, school, banked, carried)


_NAMES = select(schema.indicators.c.name).distinct()


def with_indicators(
    connection: Connection, pupils: pd.DataFrame, rules: Sequence[GroupRule]
) -> pd.DataFrame:
    """The pupils' fields with the imported indicators that rules use."""
    frames = [
        roster.indicators(connection, year)
        for year in sorted(pupils["academic_year"].unique())
    ]
    indicators = (
        pd.concat(frames) if frames else pd.DataFrame(columns=["adno", "name", "value"])
    )
    names = {str(name) for name in indicators["name"].unique()}
    # An indicator may be missing in one year and there in another.
    all_names = names | set(connection.execute(_NAMES).scalars())
    for rule in rules:
        rule.check(all_names)
    rule_names = {field for rule in rules for field in rule.fields} - {*FIELDS}
    fields = pupils.assign(**dict.fromkeys(sorted(rule_names)))
    for name in sorted(names):
        if field_name(name) in rule_names:
            values = indicators.loc[indicators["name"] == name].drop_duplicates(
                "adno", keep="last"
            )
            fields[field_name(name)] = fields["adno"].map(
                values.set_index("adno")["value"]
            )
    return fields
