"""What a kind of pack is: its name, its scopes, its readers and its writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from generator.packs.facts.readers import PackReaders
from generator.packs.facts.snapshot import CollectionSnapshot
from generator.school.school import School
from udfs.tables import Tables

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class PackContext:
    """What every pack of a run is written with.

    Args:
        school: The school and its settings.
        tables: Scales, subjects and national figures as this school has them.
        now: The moment written into the packs.
    """

    school: School
    tables: Tables
    now: datetime


@dataclass(frozen=True, slots=True)
class PackKind(Generic[Facts]):
    """A kind of pack.

    Args:
        name: Its name on the command line and in file names.
        scopes: Lists the parts of the school that have a pack of this kind; one empty
            scope for the whole school.
        readers: Finds the people that the pack of a scope is for; None where packs
            name nobody and are for everybody.
        write: Returns the workbook of a scope as bytes.
        facts: What it is written from: a collection, or the results of a year.
        measures: What it needs beside the marks of a collection: the school's groups,
            or the groups and the measures of whole year groups.
    """

    name: str
    scopes: Callable[[Facts, School], list[str]]
    readers: Callable[[Facts, str], PackReaders] | None
    write: Callable[[Facts, PackContext, str], bytes]
    facts: Literal["collection", "results"] = "collection"
    measures: Literal["", "groups", "all"] = ""

    def file_stem(self, scope: str) -> str:
        """The name of the pack of a scope: `pastoral-7A`, or `leadership`."""
        return f"{self.name}-{scope}" if scope else self.name


def department_scopes(snapshot: CollectionSnapshot, school: School) -> list[str]:
    """The departments with a class in the collection."""
    return snapshot.departments()


def whole_school(facts: object, school: School) -> list[str]:
    """One pack for the whole school, which needs no scope."""
    return [""]
