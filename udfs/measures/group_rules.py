"""The rules of `[[groups]]`: comparisons of a pupil's fields, and nothing else.

A rule is read, never run: what is not a comparison is refused by name.
"""

from __future__ import annotations

import ast
import difflib
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.errors import MarkbookError
from udfs.text import quote

Flags = npt.NDArray[np.bool_]

FIELDS = (
    "sex", "pp", "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "prior",
    "year", "reg",
)  # fmt: skip
LONGEST = 500  # letters
HOW = 'Write comparisons, for example: pp == "Y" and sen in ["K", "E"]'

_ORDERS: Mapping[type[ast.cmpop], Callable[..., object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class BadRule(MarkbookError):
    """A rule of a group that cannot be used."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read and may be used.

    Args:
        group: The group's name.
        text: As the school wrote it.
        fields: The fields it asks for, in order, as `field_name` spells them.
        tree: The comparisons.
    """

    group: str
    text: str
    fields: tuple[str, ...]
    tree: ast.expr

    def applies(self, pupils: pd.DataFrame) -> pd.Series:
        """Whether each pupil is in the group.

        A pupil without a value is in no comparison with `==`, `in`, `<` or `>`; with
        `!=` and `not in` he is. Texts are compared without regard to case.

        Args:
            pupils: One row per pupil; the columns are fields (`sex` …) and imported
                indicators, under any spelling of their names.

        Raises:
            BadRule: If it asks for a field that there is not; the message lists
                those there are.
        """
        columns = {field_name(str(name)): str(name) for name in pupils.columns}
        for field in self.fields:
            if field not in columns:
                raise self._unknown(field, [*FIELDS, *columns])
        values = {field: pupils[columns[field]] for field in self.fields}
        answer = _judged(self.tree, values, len(pupils))
        return pd.Series(answer, index=pupils.index, dtype="bool")

    def check(self, indicators: Collection[str]) -> None:
        """Refuse a rule that asks for what is neither a field nor an indicator.

        Args:
            indicators: The names of what was imported.

        Raises:
            BadRule: If it does; the message lists what there is.
        """
        there = {*FIELDS, *(field_name(name) for name in indicators)}
        for field in self.fields:
            if field not in there:
                raise self._unknown(field, [*FIELDS, *sorted(there - {*FIELDS})])

    def _unknown(self, field: str, there: list[str]) -> BadRule:
        names = list(dict.fromkeys(there))
        near = difflib.get_close_matches(field, names, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return BadRule(
            f"The rule of the group {self.group!r} asks for {field!r}, which is no "
            f"field and no imported indicator{hint}.",
            f"There are: {', '.join(names)}.",
        )


def field_name(name: str) -> str:
    """A field's or an indicator's name as rules write it.

    >>> field_name("CAT4 Mean SAS"), field_name("Attendance %")
    ('cat4_mean_sas', 'attendance')
    """
    return re.sub(r"\W+", "_", name.casefold()).strip("_")


def read_rule(group: str, text: str) -> Rule:
    """Read one rule.

    Args:
        group: The group's name, for messages.
        text: Comparisons of fields with `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` and
            `not in`, joined by `and`, `or`, `not` and brackets.

    Raises:
        BadRule: If it is anything else.

    >>> rule = read_rule("Low PP", 'pp == "Y" and prior == "low"')
    >>> rule.applies(pd.DataFrame({"pp": ["Y", "Y"], "prior": ["low", ""]})).tolist()
    [True, False]
    """
    if len(text) > LONGEST:
        raise _bad(group, text, f"is longer than {LONGEST} letters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _bad(group, text, "cannot be read") from None
    fields: dict[str, None] = {}
    _check(tree, group, text, fields)
    return Rule(group, text, tuple(fields), tree)


def _bad(group: str, text: str, why: str) -> BadRule:
    return BadRule(f"The rule of the group {group!r} {why}: {quote(text)}.", f"{HOW}.")


def _check(node: ast.expr, group: str, text: str, fields: dict[str, None]) -> None:
    match node:
        case ast.BoolOp(values=parts):
            for part in parts:
                _check(part, group, text, fields)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            _check(part, group, text, fields)
        case ast.Compare():
            _check_comparison(node, group, text, fields)
        case ast.Name(id=name):
            raise _bad(group, text, f"names {name!r} without comparing it")
        case _:
            raise _bad(group, text, f"holds {_called(node)!r}, which is no comparison")


def _check_comparison(
    node: ast.Compare, group: str, text: str, fields: dict[str, None]
) -> None:
    sides = [node.left, *node.comparators]
    if not any(isinstance(side, ast.Name) for side in sides):
        raise _bad(group, text, "compares no field")
    for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
        listed = isinstance(sign, ast.In | ast.NotIn)
        if isinstance(sign, ast.Is | ast.IsNot):
            raise _bad(group, text, "says `is`; write == instead")
        for side in (left, right):
            if isinstance(side, ast.Name):
                fields[field_name(side.id)] = None
        plain = [_value(left), _value(right, listed=listed)]
        for side, value in zip((left, right), plain, strict=True):
            if value is None and not isinstance(side, ast.Name):
                raise _bad(group, text, f"holds {_called(side)!r}, no value to compare")
        if listed and not (isinstance(left, ast.Name) and isinstance(plain[1], tuple)):
            raise _bad(group, text, "says `in` of no list of values")
        if type(sign) in _ORDERS and any(isinstance(value, str) for value in plain):
            raise _bad(group, text, "compares a text with < or >, which take numbers")


def _called(node: ast.AST) -> str:
    return ast.unparse(node)[:40]


def _value(node: ast.expr, *, listed: bool = False) -> object:
    """The value a rule writes out: a text, a number, a list; None for anything else."""
    match node:
        case ast.Constant(value=bool() | None):
            return None
        case ast.Constant(value=str() | int() | float() as value):
            return value
        case ast.UnaryOp(
            op=ast.USub(), operand=ast.Constant(value=int() | float() as n)
        ):
            return None if isinstance(n, bool) else -n
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            values = [_value(part) for part in parts]
            plain = all(isinstance(value, str | int | float) for value in values)
            return tuple(values) if listed and plain else None
    return None


def _judged(node: ast.expr, values: Mapping[str, pd.Series], rows: int) -> Flags:
    match node:
        case ast.BoolOp(op=joined, values=parts):
            each = [_judged(part, values, rows) for part in parts]
            both = isinstance(joined, ast.And)
            found: Flags = np.all(each, axis=0) if both else np.any(each, axis=0)
            return found
        case ast.UnaryOp(operand=part):
            return ~_judged(part, values, rows)
        case ast.Compare(left=first, ops=signs, comparators=others):
            answer = np.ones(rows, dtype=bool)
            sides = [first, *others]
            for left, sign, right in zip(sides, signs, others, strict=False):
                answer &= _compared(left, sign, right, values, rows)
            return answer
    raise AssertionError(ast.dump(node))  # `read_rule` lets nothing else through


def _compared(
    left: ast.expr,
    sign: ast.cmpop,
    right: ast.expr,
    values: Mapping[str, pd.Series],
    rows: int,
) -> Flags:
    if isinstance(sign, ast.In | ast.NotIn):
        listed = _value(right, listed=True)
        assert isinstance(listed, tuple) and isinstance(left, ast.Name)
        column = values[field_name(left.id)]
        each = [_equal(column, value, rows) for value in listed]
        inside: Flags = np.any(each, axis=0) if each else np.zeros(rows, dtype=bool)
        return inside if isinstance(sign, ast.In) else ~inside
    one, other = (
        values[field_name(side.id)] if isinstance(side, ast.Name) else _value(side)
        for side in (left, right)
    )
    if isinstance(sign, ast.Eq | ast.NotEq):
        equal = _equal(one, other, rows)
        return equal if isinstance(sign, ast.Eq) else ~equal
    with np.errstate(invalid="ignore"):
        found = _ORDERS[type(sign)](_numbers(one, rows), _numbers(other, rows))
    return np.asarray(found, dtype=bool)


def _equal(one: object, other: object, rows: int) -> Flags:
    if any(isinstance(side, int | float) for side in (one, other)):
        return np.asarray(_numbers(one, rows) == _numbers(other, rows), dtype=bool)
    first, second = _texts(one, rows), _texts(other, rows)
    # Only a rule that asks for it (ethnicity == "") means pupils without a value.
    asked = any(isinstance(side, str) and not side.strip() for side in (one, other))
    return np.asarray((first == second) & (asked | (first != "")), dtype=bool)


def _texts(side: object, rows: int) -> npt.NDArray[np.object_]:
    if isinstance(side, pd.Series):
        text = side.astype(object).where(side.notna(), "").map(str)
        return np.asarray(text.str.strip().str.casefold(), dtype=object)
    return np.full(rows, str(side).strip().casefold(), dtype=object)


def _numbers(side: object, rows: int) -> npt.NDArray[np.float64]:
    if isinstance(side, pd.Series):
        plain = side.astype(object).where(side.notna(), "").map(str)
        bare = plain.str.strip().str.removesuffix("%")
        return pd.to_numeric(bare, errors="coerce").to_numpy(dtype="float64")
    return np.full(rows, float(str(side)))
