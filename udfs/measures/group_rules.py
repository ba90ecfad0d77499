"""The rules of `[[groups]]`: comparisons of a pupil's fields.

A rule is parsed and never executed; anything but a comparison is refused.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from udfs.errors import MarkbookError
from udfs.text import quote

FIELDS = (
    "sex", "pp", "disadvantaged", "fsm", "sen", "eal", "ethnicity", "lac", "prior",
    "year", "reg",
)  # fmt: skip
MAX_LENGTH = 500  # letters
EXAMPLE = 'Write comparisons, for example: pp == "Y" and sen in ["K", "E"]'

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class BadRule(MarkbookError):
    """A group's rule that cannot be used."""


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A parsed rule.

    Args:
        group: The group's name.
        text: The rule as the school wrote it.
        fields: The fields it compares, in order, as `field_name` returns them.
        tree: The comparisons.
    """

    group: str
    text: str
    fields: tuple[str, ...]
    tree: ast.expr

    def check(self, indicators: Collection[str]) -> None:
        """Refuse a rule that uses an unknown field.

        Args:
            indicators: The names of the imported indicators.

        Raises:
            BadRule: If it is neither built in nor imported; the message lists both.
        """
        names = {*FIELDS, *(field_name(name) for name in indicators)}
        for field in self.fields:
            if field not in names:
                raise self.unknown_field(field, [*FIELDS, *sorted(names - {*FIELDS})])

    def unknown_field(self, field: str, fields: list[str]) -> BadRule:
        """Return the error for an unknown field, with the fields that exist."""
        names = list(dict.fromkeys(fields))
        suggestions = difflib.get_close_matches(field, names, n=1)
        hint = f" (did you mean {suggestions[0]}?)" if suggestions else ""
        return BadRule(
            f"The rule of the group {self.group!r} asks for {field!r}, which is no "
            f"field and no imported indicator{hint}.",
            f"There are: {', '.join(names)}.",
        )


def field_name(name: str) -> str:
    """Return the name of a field or an indicator as rules write it.

    >>> field_name("CAT4 Mean SAS"), field_name("Attendance %")
    ('cat4_mean_sas', 'attendance')
    """
    return re.sub(r"\W+", "_", name.casefold()).strip("_")


def read_rule(group: str, text: str) -> GroupRule:
    """Parse one rule.

    Args:
        group: The group's name, for messages.
        text: Comparisons of fields with `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` and
            `not in`, joined by `and`, `or`, `not` and brackets.

    Raises:
        BadRule: If it is anything else.

    >>> read_rule("Low PP", 'pp == "Y" and prior == "low"').fields
    ('pp', 'prior')
    """
    if len(text) > MAX_LENGTH:
        raise _bad_rule(group, text, f"is longer than {MAX_LENGTH} letters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _bad_rule(group, text, "cannot be read") from None
    fields: dict[str, None] = {}
    _check(tree, group, text, fields)
    return GroupRule(group, text, tuple(fields), tree)


def _bad_rule(group: str, text: str, reason: str) -> BadRule:
    return BadRule(
        f"The rule of the group {group!r} {reason}: {quote(text)}.", f"{EXAMPLE}."
    )


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
            raise _bad_rule(group, text, f"names {name!r} without comparing it")
        case _:
            raise _bad_rule(
                group, text, f"holds {_node_text(node)!r}, which is no comparison"
            )


def _check_comparison(
    node: ast.Compare, group: str, text: str, fields: dict[str, None]
) -> None:
    sides = [node.left, *node.comparators]
    if not any(isinstance(side, ast.Name) for side in sides):
        raise _bad_rule(group, text, "compares no field")
    for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
        listed = isinstance(sign, ast.In | ast.NotIn)
        if isinstance(sign, ast.Is | ast.IsNot):
            raise _bad_rule(group, text, "says `is`; write == instead")
        for side in (left, right):
            if isinstance(side, ast.Name):
                fields[field_name(side.id)] = None
        values = [literal_value(left), literal_value(right, listed=listed)]
        for side, value in zip((left, right), values, strict=True):
            if value is None and not isinstance(side, ast.Name):
                raise _bad_rule(
                    group, text, f"holds {_node_text(side)!r}, no value to compare"
                )
        if listed and not (isinstance(left, ast.Name) and isinstance(values[1], tuple)):
            raise _bad_rule(group, text, "says `in` of no list of values")
        if isinstance(sign, _ORDERS) and any(
            isinstance(value, str) for value in values
        ):
            raise _bad_rule(
                group, text, "compares a text with < or >, which take numbers"
            )


def _node_text(node: ast.AST) -> str:
    return ast.unparse(node)[:40]


def literal_value(node: ast.expr, *, listed: bool = False) -> object:
    """Return a literal text, number or list of a rule; None for anything else."""
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
            values = [literal_value(part) for part in parts]
            plain = all(isinstance(value, str | int | float) for value in values)
            return tuple(values) if listed and plain else None
    return None
