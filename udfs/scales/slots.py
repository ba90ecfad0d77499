"""Attainment 8 models: the slots, and the subjects that may fill them.

Models are data (`slots.toml`), so a reform changes only a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udfs.errors import BadTable
from udfs.scales.subjects import SLOTS
from udfs.scales.table_files import check_keys, toml_entries

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """A kind of subject within an element.

    Args:
        slots: The slots of its subjects, as `Subject.slot`.
        subjects: Further subjects, by name.
        name: The kind's name, or empty.
    """

    slots: tuple[str, ...]
    subjects: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the sum, filled with the highest grades still free.

    Args:
        name: Its short name: `ebacc`.
        title: Its name for a reader.
        count: The number of grades that fill it.
        weight: How often each grade counts.
        doubled: Whether the weight holds only for a pupil who takes a subject of each
            of its slots; for others a grade counts once.
        different: Whether its grades must be of different kinds.
        kinds: The kinds of subject that may fill it.
    """

    name: str
    title: str
    count: int
    weight: int
    doubled: bool
    different: bool
    kinds: tuple[SubjectKind, ...]

    @property
    def capacity(self) -> int:
        """The number of weighted slots."""
        return self.count * self.weight

    def kind_index(self, slot: str, names: Sequence[str] = ()) -> int:
        """Return the index of a subject's kind; -1 where it has no place.

        Args:
            slot: The subject's slot.
            names: The names by which a kind may list this subject.
        """
        for index, kind in enumerate(self.kinds):
            if slot in kind.slots or any(name in kind.subjects for name in names):
                return index
        return -1


@dataclass(frozen=True, slots=True)
class SlotModel:
    """A way to add up Attainment 8.

    Args:
        name: Its name in `school.toml`.
        title: Its name for a reader.
        elements: The elements in the order in which they are filled.
    """

    name: str
    title: str
    elements: tuple[Element, ...]

    @property
    def capacity(self) -> int:
        """The number of weighted slots: ten, in the current model."""
        return sum(element.capacity for element in self.elements)


def read_slots(text: str, where: str) -> dict[str, SlotModel]:
    """Parse a `slots.toml`; return the models by name."""
    models = [_model(entry, where) for entry in toml_entries(text, where, "models")]
    return {model.name: model for model in models}


def _model(entry: Mapping[str, Any], where: str) -> SlotModel:
    check_keys(entry, ("name", "title", "elements"), where)
    name = _text(entry, "name", f"A model of {where}")
    location = f"the model {name!r} in {where}"
    elements = entry.get("elements")
    if not isinstance(elements, list) or not elements:
        raise BadTable(
            f"{location} has no elements.", "Write [[models.elements]] for each."
        )
    parts = tuple(_element(element, location) for element in elements)
    names = [part.name for part in parts]
    for element_name in names:
        if names.count(element_name) > 1:
            raise BadTable(
                f"{location} has the element {element_name!r} twice.", "Name each once."
            )
    return SlotModel(name, str(entry.get("title", name)), parts)


def _element(entry: object, where: str) -> Element:
    if not isinstance(entry, dict):
        raise BadTable(
            f"An element of {where} is not written as we need it.",
            "Write [[models.elements]] for each.",
        )
    keys = ("name", "title", "count", "weight", "doubled", "different", "kinds")
    check_keys(entry, keys, where)
    name = _text(entry, "name", f"An element of {where}")
    location = f"The element {name!r} of {where}"
    kinds = entry.get("kinds")
    if not isinstance(kinds, list) or not kinds:
        raise BadTable(
            f"{location} says nothing of what may fill it.",
            'Write kinds = [{ slots = ["humanities"] }].',
        )
    return Element(
        name=name,
        title=str(entry.get("title", name)),
        count=_whole(entry.get("count", 1), f"{location}: count"),
        weight=_whole(entry.get("weight", 1), f"{location}: weight"),
        doubled=bool(entry.get("doubled", False)),
        different=bool(entry.get("different", False)),
        kinds=tuple(_kind(kind, location) for kind in kinds),
    )


def _kind(entry: object, where: str) -> SubjectKind:
    if not isinstance(entry, dict):
        raise BadTable(
            f"{where} has a kind that is not written as we need it.",
            'Write kinds = [{ slots = ["humanities"] }].',
        )
    check_keys(entry, ("name", "slots", "subjects"), where)
    slots = tuple(entry.get("slots", ()))
    for slot in slots:
        if slot not in SLOTS:
            raise BadTable(
                f"{where} names the slot {slot!r}, which there is not.",
                f"There are: {', '.join(SLOTS)}.",
            )
    subjects = tuple(str(subject) for subject in entry.get("subjects", ()))
    return SubjectKind(slots, subjects, str(entry.get("name", "")))


def _text(entry: Mapping[str, Any], name: str, label: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadTable(f"{label} has no {name}.", f'Write {name} = "…".')
    return value


def _whole(value: object, label: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10:
        raise BadTable(f"{label} is {value}.", "Use a whole number from 1 to 10.")
    return value
