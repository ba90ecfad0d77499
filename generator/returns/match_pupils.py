"""Whose row is it? What is told of joiners, leavers, movers and strangers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from generator.returns.check_cells import Fault
from generator.returns.issued_context import Person, Register
from udfs.text import tidy

Name = tuple[str, str]  # surname and forename, tidied; empty where nothing is written

ADNO_FORMULA = Fault(
    "adno-formula",
    "A formula or an error stands where the Adno should be.",
    "Type the admission number itself.",
)


def mixed_up(written: Name, adno: str, issued: Mapping[str, Name]) -> Fault | None:
    """Whether a row has one pupil's Adno and another's name: half a sheet was sorted.

    Args:
        written: The name in the row.
        adno: The pupil whose Adno it has.
        issued: Every pupil of the sheet -> the name as it was issued.
    """
    meant = issued.get(adno, ("", ""))
    if not all(written) or not all(meant) or written == meant:
        return None
    if written not in issued.values():
        return None
    return Fault(
        "row-mixed-up",
        f"The row has the Adno {adno} ({meant[1]} {meant[0]}) and the name of another "
        f"pupil of the class ({written[1]} {written[0]}): perhaps some columns were "
        f"sorted without the others.",
        "Undo the sorting, or put the marks into a fresh copy of the markbook.",
        together="The rows have the Adno of one pupil and the name of another: perhaps "
        "some columns were sorted without the others.",
    )


def name_differs(register: Register, person: Person, written: Name) -> Fault | None:
    """Whether a row that was written in names another pupil than its Adno."""
    meant = (tidy(person.surname).casefold(), tidy(person.forename).casefold())
    here = (written[0].casefold(), written[1].casefold())
    if not all(here) or _share_a_name(here, meant):
        return None
    return Fault(
        "name-differs",
        f"The Adno {person.adno} is {person.name}'s in the MIS; the row says "
        f"{written[1]} {written[0]}.",
        f"Correct the Adno or the name{hint(register, written, '')}.",
    )


def no_longer_here(
    register: Register, adno: str, class_code: str, subject: str, today: str
) -> Fault | None:
    """Whether a pupil who was issued has left the school or the class since.

    Args:
        register: The roll.
        adno: The pupil.
        class_code: The class.
        subject: What the marks are about.
        today: The day, as ISO text.
    """
    person = register.people.get(adno)
    if person is not None and person.left and person.left <= today:
        return Fault(
            "left",
            f"{person.name} left the school on {_day(person.left)}.",
            "The marks are kept; nothing to do.",
            "warning",
            f"The pupils left the school on {_day(person.left)}.",
        )
    if adno in register.members.get(class_code, ()):
        return None
    now = ", ".join(_elsewhere(register, adno, class_code, subject))
    here = f"no longer in {class_code}; now in {now or 'no class of the subject'}."
    return Fault(
        "moved-class",
        f"{person.name if person else adno} is {here}",
        "The marks are kept for the pupil; check that they are meant.",
        "warning",
        f"The pupils are {here}",
    )


def not_in_class(
    register: Register, person: Person, class_code: str, subject: str
) -> Fault | None:
    """Whether a pupil who was written in is not in the class as the MIS has it."""
    if person.adno in register.members.get(class_code, ()):
        return None
    now = ", ".join(_elsewhere(register, person.adno, class_code, subject))
    there = f"but in {now}" if now else "nor in any class of the subject"
    here = f"not in {class_code} in the MIS, {there}."
    return Fault(
        "not-in-class",
        f"{person.name} is {here}",
        "The marks are kept for the pupil; have the MIS put right.",
        "warning",
        f"The pupils are {here}",
    )


def other_zeros(adno: str) -> Fault:
    """That an Adno fits only without its leading zeros."""
    return Fault(
        "adno-zeros",
        f"The Adno is {adno} in the MIS, with other leading zeros.",
        "Nothing to do: the row was matched.",
        "warning",
        "The Adnos have other leading zeros in the MIS.",
    )


def stranger(register: Register, written: str, likely: str) -> Fault:
    """That an Adno names nobody, or more than one."""
    several = register.fitting(written)
    if len(several) < 2:
        return Fault(
            "unknown-pupil",
            f"No pupil has the Adno {written!r}.",
            f"Correct the Adno{likely}.",
        )
    names = " and ".join(f"{person.adno} ({person.name})" for person in several)
    return Fault(
        "unknown-pupil",
        f"No pupil has the Adno {written!r}; without leading zeros it fits {names}.",
        "Write the Adno with the zeros that it has in the MIS.",
    )


def nobody(cell: str, written: Name, likely: str) -> Fault:
    """That marks stand in a row without an Adno."""
    name = f" ({_spoken(written)})" if any(written) else ""
    return Fault(
        "no-adno",
        f"There are marks in a row without an Adno{name}.",
        f"Write the pupil's Adno in {cell}{likely}.",
    )


def hint(register: Register, written: Name, class_code: str) -> str:
    """Pupils whom a name may mean, for a person to choose from; or empty."""
    near = register.like(*written, first=class_code)
    if not near:
        return ""
    names = " or ".join(f"{person.adno} ({person.name})" for person in near)
    return f"; perhaps {names}"


def _elsewhere(
    register: Register, adno: str, class_code: str, subject: str
) -> list[str]:
    taught = (register.subjects.get(class_code), subject)
    return [
        code
        for code in register.classes_of(adno)
        if register.subjects.get(code) in taught
    ]


def _spoken(written: Name) -> str:
    return f"{written[1]} {written[0]}".strip()


def _share_a_name(one: Name, other: Name) -> bool:
    return one[0] == other[0] or one[1] == other[1]


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day} {day:%B %Y}"
