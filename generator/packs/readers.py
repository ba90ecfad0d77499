"""For whom each pack is, by staff code: whose password opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.packs.facts.snapshot import (
    HEAD_OF_YEAR,
    TUTOR,
    CollectionSnapshot,
    scope_names,
    year_scopes,
)
from generator.packs.schoolwide import GOVERNOR, SENIOR_LEADER
from generator.store.enrolments import HEAD_OF_DEPARTMENT

GROUP_LEAD = "group lead"
NOBODY = "no-reader"  # whose password opens what nobody is named for
OPEN = frozenset({"ladders"})  # kinds that name nobody and are to be handed out
Codes = tuple[str, ...]


def readers(standing: CollectionSnapshot, kind: str, scope: str) -> Codes:
    """The staff codes of those whom a pack is addressed to, the first one first.

    Args:
        standing: The collection as it stands.
        kind: The kind of pack.
        scope: Of what it is; empty for the whole school.
    """
    return tuple(dict.fromkeys(_ROLES[kind](standing, scope)))


def _of(standing: CollectionSnapshot, role: str, *scopes: str) -> list[str]:
    return [code for scope in scopes for code in standing.codes(role, scope)]


def _school(role: str) -> Callable[[CollectionSnapshot, str], list[str]]:
    def codes(standing: CollectionSnapshot, scope: str) -> list[str]:
        roles = standing.roles
        found: list[str] = roles.loc[roles["role"] == role, "staff"].tolist()
        return found

    return codes


def _department(standing: CollectionSnapshot, scope: str) -> list[str]:
    return _of(standing, HEAD_OF_DEPARTMENT, scope)


def _year(standing: CollectionSnapshot, scope: str) -> list[str]:
    role = HEAD_OF_YEAR if scope in year_scopes(standing) else TUTOR
    return _of(standing, role, *scope_names(standing, scope))


def _either(standing: CollectionSnapshot, scope: str) -> list[str]:
    year = scope in year_scopes(standing)
    return _year(standing, scope) if year else _department(standing, scope)


def _journey(standing: CollectionSnapshot, scope: str) -> list[str]:
    if scope in year_scopes(standing):
        return _year(standing, scope)
    return _of(standing, GROUP_LEAD, "SEND", "SEN")


def _group(standing: CollectionSnapshot, scope: str) -> list[str]:
    return _of(standing, GROUP_LEAD, scope)


_ROLES: Mapping[str, Callable[[CollectionSnapshot, str], list[str]]] = {
    "department": _department,
    "class-targets": _department,
    "pastoral": _year,
    "praise": _either,
    "journey": _journey,
    "group": _group,
    "leadership": _school(SENIOR_LEADER),
    "target-groups": _school(SENIOR_LEADER),
    "governors": _school(GOVERNOR),
}
