"""Match rows to pupils: faults of joiners, leavers, movers and unknown pupils."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from generator.returns.check_cells import CellFault
from generator.returns.issued_context import IssuedContext, KnownPupil
from udfs.text import tidy

MAX_NAMED = 6  # pupils in one message
Name = tuple[str, str]  # surname and forename, tidied; empty where blank

ADNO_FORMULA = CellFault(
    "adno-formula",
    "There is a formula or an error in place of the Adno.",
    "Type the admission number itself.",
)


def row_mixed_up(
    row_name: Name, adno: str, issued_names: Mapping[str, Name]
) -> CellFault | None:
    """The fault of a row with one pupil's Adno and another's name, or None.

    This happens where some columns were sorted without the others.

    Args:
        row_name: The name in the row.
        adno: The Adno in the row.
        issued_names: Every pupil of the sheet -> the name as issued.
    """
    issued_name = issued_names.get(adno, ("", ""))
    if not all(row_name) or not all(issued_name) or row_name == issued_name:
        return None
    if row_name not in issued_names.values():
        return None
    return CellFault(
        "row-mixed-up",
        f"The row has the Adno {adno} ({_full_name(issued_name)}) and the name of "
        f"another pupil of the class ({_full_name(row_name)}): perhaps some columns "
        f"were sorted without the others.",
        "Undo the sorting, or put the marks into a fresh copy of the markbook.",
        group_message="The rows have the Adno of one pupil and the name of another: "
        "perhaps some columns were sorted without the others.",
    )


def name_differs(
    issued: IssuedContext, pupil: KnownPupil, row_name: Name
) -> CellFault | None:
    """The fault of an added row whose name and Adno differ, or None."""
    mis_name = (tidy(pupil.surname).casefold(), tidy(pupil.forename).casefold())
    folded_name = (row_name[0].casefold(), row_name[1].casefold())
    if not all(folded_name) or _shares_a_name(folded_name, mis_name):
        return None
    return CellFault(
        "name-differs",
        f"The Adno {pupil.adno} is {pupil.name}'s in the MIS; the row says "
        f"{row_name[1]} {row_name[0]}.",
        f"Correct the Adno or the name{suggest_pupils(issued, row_name, '')}.",
    )


def left_or_moved(
    issued: IssuedContext, adno: str, class_code: str, subject: str, today: str
) -> CellFault | None:
    """The fault of a pupil who has left the school or the class since, or None.

    Args:
        issued: The pupils and their classes.
        adno: The pupil.
        class_code: The class.
        subject: What the marks are about.
        today: The day, as ISO text.
    """
    pupil = issued.pupils.get(adno)
    if pupil is not None and pupil.left and pupil.left <= today:
        return CellFault(
            "left",
            f"{pupil.name} left the school on {_day(pupil.left)}.",
            "The marks are kept; nothing to do.",
            "warning",
            f"The pupils left the school on {_day(pupil.left)}.",
        )
    if adno in issued.members.get(class_code, ()):
        return None
    classes = ", ".join(_other_classes(issued, adno, class_code, subject))
    status = (
        f"no longer in {class_code}; now in {classes or 'no class of the subject'}."
    )
    return CellFault(
        "moved-class",
        f"{pupil.name if pupil else adno} is {status}",
        "The marks are kept for the pupil; check that they are meant.",
        "warning",
        f"The pupils are {status}",
    )


def not_in_class(
    issued: IssuedContext, pupil: KnownPupil, class_code: str, subject: str
) -> CellFault | None:
    """The fault of an added pupil who is not in the class in the MIS, or None."""
    if pupil.adno in issued.members.get(class_code, ()):
        return None
    classes = ", ".join(_other_classes(issued, pupil.adno, class_code, subject))
    elsewhere = f"but in {classes}" if classes else "nor in any class of the subject"
    status = f"not in {class_code} in the MIS, {elsewhere}."
    return CellFault(
        "not-in-class",
        f"{pupil.name} is {status}",
        "The marks are kept for the pupil; have the MIS corrected.",
        "warning",
        f"The pupils are {status}",
    )


def different_zeros(adno: str) -> CellFault:
    """The fault of an Adno that matches only without its leading zeros."""
    return CellFault(
        "adno-zeros",
        f"The Adno is {adno} in the MIS, with other leading zeros.",
        "Nothing to do: the row was matched.",
        "warning",
        "The Adnos have other leading zeros in the MIS.",
    )


def unknown_adno(issued: IssuedContext, adno: str, suggestion: str) -> CellFault:
    """The fault of an Adno that matches no pupil, or more than one."""
    matches = issued.pupils_without_zeros(adno)
    if len(matches) < 2:
        return CellFault(
            "unknown-pupil",
            f"No pupil has the Adno {adno!r}.",
            f"Correct the Adno{suggestion}.",
        )
    names = " and ".join(f"{person.adno} ({person.name})" for person in matches)
    return CellFault(
        "unknown-pupil",
        f"No pupil has the Adno {adno!r}; without leading zeros it fits {names}.",
        "Write the Adno with the zeros that it has in the MIS.",
    )


def missing_adno(cell: str, row_name: Name, suggestion: str) -> CellFault:
    """The fault of a row with marks and without an Adno."""
    name = f" ({_full_name(row_name)})" if any(row_name) else ""
    return CellFault(
        "no-adno",
        f"There are marks in a row without an Adno{name}.",
        f"Write the pupil's Adno in {cell}{suggestion}.",
    )


def rows_missing(issued: IssuedContext, adnos: Sequence[str]) -> CellFault:
    """The fault of pupils whose rows are gone: how many they are, and who."""
    pupils = [issued.pupils.get(adno) for adno in adnos]
    names = [
        pupil.name if pupil else adno for pupil, adno in zip(pupils, adnos, strict=True)
    ]
    if (rest := len(names) - MAX_NAMED) > 0:
        names[MAX_NAMED:] = [f"{rest} more"]
    count = "1 pupil has" if len(adnos) == 1 else f"{len(adnos)} pupils have"
    return CellFault(
        "row-missing",
        f"{count} no row: {', '.join(names)}.",
        "Nothing was read for them: the row was deleted, or has another Adno now. To "
        "give marks after all, write the Adno and the marks in a spare row.",
        "warning",
    )


def suggest_pupils(issued: IssuedContext, row_name: Name, class_code: str) -> str:
    """Pupils with a similar name, as the end of a sentence; or empty."""
    pupils = issued.suggest_pupils(*row_name, first_class=class_code)
    if not pupils:
        return ""
    names = " or ".join(f"{person.adno} ({person.name})" for person in pupils)
    return f"; perhaps {names}"


def _other_classes(
    issued: IssuedContext, adno: str, class_code: str, subject: str
) -> list[str]:
    subjects = (issued.subjects.get(class_code), subject)
    return [
        code
        for code in issued.classes_of(adno)
        if issued.subjects.get(code) in subjects
    ]


def _full_name(name: Name) -> str:
    return f"{name[1]} {name[0]}".strip()


def _shares_a_name(name: Name, other: Name) -> bool:
    return name[0] == other[0] or name[1] == other[1]


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day} {day:%B %Y}"
