"""The people a pack is for: a role, and who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from generator.packs.facts.snapshot import (
    HEAD_OF_YEAR,
    TUTOR,
    CollectionSnapshot,
    group_role,
    scope_names,
)
from generator.packs.wording import phrase
from generator.problems import Problem
from generator.store.enrolments import HEAD_OF_DEPARTMENT

SENIOR_LEADER = "senior leader"
GOVERNOR = "governor"
GROUP_LEAD = "group lead"
MISSING = {  # role -> the problem code if nobody has it
    HEAD_OF_DEPARTMENT: "no-head-of-department",
    HEAD_OF_YEAR: "no-head-of-year",
    TUTOR: "no-tutor",
    GROUP_LEAD: "no-group-lead",
    SENIOR_LEADER: "no-senior-leader",
    GOVERNOR: "no-governor",
}


@dataclass(frozen=True, slots=True)
class PackReaders:
    """The people a pack is for.

    Args:
        role: Their role.
        scope: The part of the school the role is for; empty for the whole school.
        codes: Their staff codes; the password of the first one opens the pack.
        names: Their names, in the same order.
    """

    role: str
    scope: str
    codes: tuple[str, ...]
    names: tuple[str, ...]

    def missing(self, file: str) -> Problem | None:
        """The warning that nobody has the role; None if somebody has.

        Args:
            file: The pack's name in the problem list.
        """
        if self.codes:
            return None
        of_scope = f" of {self.scope}" if self.scope else ""
        return Problem(
            file=file,
            severity="warning",
            code=MISSING[self.role],
            value=self.scope or phrase("school"),
            what=f"Nobody is named as {self.role}{of_scope}.",
            do="Add a row to roles.csv in exports/, and import it.",
        )


def role_readers(
    roles: pd.DataFrame,
    names: Mapping[str, str],
    role: str,
    scope: str = "",
    aliases: Sequence[str] = (),
) -> PackReaders:
    """The people with a role.

    Args:
        roles: The table of roles: staff, role, scope.
        names: Staff code -> name.
        role: The role.
        scope: The part of the school; empty for everybody with the role.
        aliases: Names of the scope in the table; none for the scope itself.
    """
    rows = roles.loc[roles["role"] == role]
    if scope:
        scopes = rows["scope"].str.casefold()
        parts = [rows.loc[scopes == name.casefold()] for name in aliases or (scope,)]
        rows = pd.concat(parts)
    codes = tuple(rows["staff"].drop_duplicates())
    return PackReaders(role, scope, codes, tuple(names.get(c, c) for c in codes))


def department_readers(snapshot: CollectionSnapshot, scope: str) -> PackReaders:
    """The heads of a department."""
    return role_readers(snapshot.roles, snapshot.names, HEAD_OF_DEPARTMENT, scope)


def group_readers(snapshot: CollectionSnapshot, scope: str) -> PackReaders:
    """The leads of a group of pupils."""
    return role_readers(snapshot.roles, snapshot.names, GROUP_LEAD, scope)


def year_readers(snapshot: CollectionSnapshot, scope: str) -> PackReaders:
    """The heads of a year, or the tutors of a tutor group."""
    return role_readers(
        snapshot.roles, snapshot.names, group_role(snapshot, scope), scope,
        scope_names(snapshot, scope),
    )  # fmt: skip


def senior_leaders(snapshot: CollectionSnapshot, scope: str = "") -> PackReaders:
    """The senior leaders of the school."""
    return role_readers(snapshot.roles, snapshot.names, SENIOR_LEADER)


def governors(snapshot: CollectionSnapshot, scope: str = "") -> PackReaders:
    """The governors of the school."""
    return role_readers(snapshot.roles, snapshot.names, GOVERNOR)
