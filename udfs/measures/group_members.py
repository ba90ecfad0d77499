"""The members of the groups in settings, for a whole table of pupils."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.measures.group_rules import FIELDS, GroupRule, field_name, literal_value
from udfs.statistics.arrays import Booleans, Floats

_ORDERS: Mapping[type[ast.cmpop], Callable[..., object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def group_members(rule: GroupRule, pupils: pd.DataFrame) -> pd.Series:
    """Whether each pupil is in the group.

    A missing value matches no comparison with `==`, `in`, `<` or `>`, and every
    comparison with `!=` and `not in`. Case is ignored.

    Args:
        rule: The group's rule.
        pupils: One row per pupil; the columns are fields (`sex` …) and imported
            indicators, under any spelling of their names.

    Raises:
        BadRule: If the rule uses an unknown field; the message lists the fields.

    >>> from udfs.measures.group_rules import read_rule
    >>> rule = read_rule("Low PP", 'pp == "Y" and prior == "low"')
    >>> pupils = pd.DataFrame({"pp": ["Y", "Y"], "prior": ["low", ""]})
    >>> group_members(rule, pupils).tolist()
    [True, False]
    """
    columns = {field_name(str(name)): str(name) for name in pupils.columns}
    for field in rule.fields:
        if field not in columns:
            raise rule.unknown_field(field, [*FIELDS, *columns])
    values = {field: pupils[columns[field]] for field in rule.fields}
    members = _evaluate(rule.tree, values, len(pupils))
    return pd.Series(members, index=pupils.index, dtype="bool")


def _evaluate(node: ast.expr, values: Mapping[str, pd.Series], rows: int) -> Booleans:
    match node:
        case ast.BoolOp(op=operator_, values=parts):
            part_members = [_evaluate(part, values, rows) for part in parts]
            is_and = isinstance(operator_, ast.And)
            combined: Booleans = (
                np.all(part_members, axis=0) if is_and else np.any(part_members, axis=0)
            )
            return combined
        case ast.UnaryOp(operand=part):
            return ~_evaluate(part, values, rows)
        case ast.Compare(left=first, ops=signs, comparators=others):
            members = np.ones(rows, dtype=bool)
            sides = [first, *others]
            for left, sign, right in zip(sides, signs, others, strict=False):
                members &= _evaluate_comparison(left, sign, right, values, rows)
            return members
    raise AssertionError(ast.dump(node))  # `read_rule` refuses anything else


def _evaluate_comparison(
    left: ast.expr,
    sign: ast.cmpop,
    right: ast.expr,
    values: Mapping[str, pd.Series],
    rows: int,
) -> Booleans:
    if isinstance(sign, ast.In | ast.NotIn):
        choices = literal_value(right, listed=True)
        assert isinstance(choices, tuple) and isinstance(left, ast.Name)
        column = values[field_name(left.id)]
        matches = [_equal(column, value, rows) for value in choices]
        inside: Booleans = (
            np.any(matches, axis=0) if matches else np.zeros(rows, dtype=bool)
        )
        return inside if isinstance(sign, ast.In) else ~inside
    first, second = (
        values[field_name(side.id)]
        if isinstance(side, ast.Name)
        else literal_value(side)
        for side in (left, right)
    )
    if isinstance(sign, ast.Eq | ast.NotEq):
        equal = _equal(first, second, rows)
        return equal if isinstance(sign, ast.Eq) else ~equal
    with np.errstate(invalid="ignore"):
        ordered = _ORDERS[type(sign)](_numbers(first, rows), _numbers(second, rows))
    return np.asarray(ordered, dtype=bool)


def _equal(left: object, right: object, rows: int) -> Booleans:
    if any(isinstance(side, int | float) for side in (left, right)):
        return np.asarray(_numbers(left, rows) == _numbers(right, rows), dtype=bool)
    first, second = _texts(left, rows), _texts(right, rows)
    # Only a comparison with an empty text (ethnicity == "") matches missing values.
    wants_blank = any(
        isinstance(side, str) and not side.strip() for side in (left, right)
    )
    return np.asarray((first == second) & (wants_blank | (first != "")), dtype=bool)


def _texts(side: object, rows: int) -> npt.NDArray[np.object_]:
    if isinstance(side, pd.Series):
        text = side.astype(object).where(side.notna(), "").map(str)
        return np.asarray(text.str.strip().str.casefold(), dtype=object)
    return np.full(rows, str(side).strip().casefold(), dtype=object)


def _numbers(side: object, rows: int) -> Floats:
    if isinstance(side, pd.Series):
        texts = side.astype(object).where(side.notna(), "").map(str)
        bare = texts.str.strip().str.removesuffix("%")
        return pd.to_numeric(bare, errors="coerce").to_numpy(dtype="float64")
    return np.full(rows, float(str(side)))
