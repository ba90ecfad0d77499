"""Packs of the whole school: who reads them, and what they are made from."""

from __future__ import annotations

from generator.packs.facts.group_measures import Measured
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.packs.wording import say
from generator.problems import Problem

SENIOR_LEADER = "senior leader"
GOVERNOR = "governor"


def led(standing: CollectionSnapshot, role: str) -> list[str]:
    """Everybody with a role, whatever of, by name."""
    found = standing.roles.loc[standing.roles["role"] == role, "staff"]
    return [standing.names.get(code, code) for code in found.drop_duplicates()]


def one_for_the_school(standing: CollectionSnapshot) -> list[str]:
    """The scopes of a pack of the whole school: one, which needs no name."""
    return [""]


def no_leader(
    standing: CollectionSnapshot, kind: str, role: str = SENIOR_LEADER
) -> Problem | None:
    """That nobody has a role, as a problem to put right; None where somebody has."""
    if led(standing, role):
        return None
    return Problem(
        file=kind,
        severity="warning",
        code=f"no-{role.replace(' ', '-')}",
        value=say("school"),
        what=f"Nobody is named as {role}.",
        do="Add a row to roles.csv in exports/, and import it.",
    )


def of_standing(standing: CollectionSnapshot) -> Measured:
    """Groups and measures of a collection.

    Raises:
        BadRule: If the rule of a group cannot be used: no measure is then known by
            all groups.
    """
    known = standing.measured
    assert known is not None  # `packs` works it out for these kinds
    for error in known.refused.values():
        raise error
    return known
