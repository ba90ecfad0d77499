"""A school folder: its settings, read once, and the paths in it."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from generator.names import safe_name
from generator.school.key_file import KEY_FILE, KeyFileError, read_keys
from generator.school.settings import Collection, Settings, SubjectSettings
from generator.school.settings_errors import describe_errors, describe_toml_error
from udfs.errors import MarkbookError

__all__ = [
    "Collection",
    "School",
    "Settings",
    "SettingsError",
    "SubjectSettings",
    "academic_year_of",
]

SETTINGS_FILE = "school.toml"


class SettingsError(MarkbookError):
    """`school.toml` is missing or has an error."""


class School:
    """A school folder with its settings and its paths."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    @classmethod
    def load(cls, folder: Path) -> School:
        """Read the settings of a school folder.

        Raises:
            SettingsError: If there are none, or they have errors; the message names
                every error, with the keys or values allowed.
        """
        path = folder / SETTINGS_FILE
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            # "." at the end of a sentence would look like "..", another folder.
            where = folder if folder.name else folder.resolve()
            raise SettingsError(
                f"There is no {SETTINGS_FILE} in {where}.",
                "Make a school with `markbook new DIR`, or name it with --school DIR.",
            ) from None
        except NotADirectoryError:
            raise SettingsError(
                f"{folder} is a file, no school folder.", "Name the folder it lies in."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path} cannot be read ({error}).", "Save it as UTF-8 text."
            ) from None
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(
                f"{path} is not valid TOML: {describe_toml_error(text, error)}.",
                "Texts stand in quotes; dates, numbers, true and false do not. "
                "Compare it with a new school.toml.",
            ) from None
        try:
            return cls(folder, Settings.model_validate(raw))
        except ValidationError as error:
            errors = "; ".join(describe_errors(error))
            raise SettingsError(
                f"{path}: {errors}.", "Put that right in school.toml."
            ) from None

    @property
    def academic_year(self) -> str:
        """The academic year that the settings name, as `2026/27`."""
        return self.settings.school.academic_year

    def parse_academic_year(self, text: str) -> str:
        """Check an academic year (`2026/27`) that is this one or an earlier one.

        Raises:
            MarkbookError: If the text is none, or the year has not begun.
        """
        first, _, second = text.partition("/")
        if not re.fullmatch(r"20\d\d/\d\d", text) or (
            (int(first) + 1) % 100 != int(second)
        ):
            raise MarkbookError(
                f"{text} is no academic year.",
                "Write two years that follow each other, like 2026/27.",
            )
        if text > self.academic_year:
            raise MarkbookError(
                f"{text} is after {self.academic_year}, the academic year of the "
                "school.",
                f"Name {self.academic_year} or one before, or set academic_year in "
                "school.toml.",
            )
        return text

    @property
    def id(self) -> str:
        """The school's URN, or its name: it marks the school's markbooks."""
        return str(self.settings.school.urn or self.settings.school.name)

    @property
    def title(self) -> str:
        """The school's name, with its URN if it has one."""
        return school_title(self.settings.school.name, self.id)

    @property
    def exports(self) -> Path:
        """The folder for MIS exports."""
        return self.folder / "exports"

    @property
    def returned(self) -> Path:
        """The folder for returned files."""
        return self.folder / "returned"

    def issued(self, collection: str) -> Path:
        """The folder of a collection's markbooks."""
        return self.folder / "issued" / safe_name(collection)

    def checked(self, collection: str) -> Path:
        """The folder of a collection's annotated copies and report."""
        return self.folder / "checked" / safe_name(collection)

    def packs(self, collection: str) -> Path:
        """The folder of a collection's packs."""
        return self.folder / "packs" / safe_name(collection)

    def reports(self, collection: str) -> Path:
        """The folder of a collection's reports, plans and slips."""
        return self.folder / "reports" / safe_name(collection)

    def collection(self, code: str) -> Collection:
        """The collection with a code, in any case.

        Raises:
            SettingsError: If there is none; the message lists the codes.
        """
        by_code = {each.code: each for each in self.settings.collections}
        if code in by_code:
            return by_code[code]
        alike = [key for key in by_code if key.casefold() == code.strip().casefold()]
        if len(alike) == 1:
            return by_code[alike[0]]
        raise SettingsError(
            f"There is no collection {code!r}.", f"There are: {self._codes()}."
        )

    def has_collection(self, code: str) -> bool:
        """Whether the school has a collection with this code, in any case."""
        codes = [c.code.casefold() for c in self.settings.collections]
        return codes.count(code.strip().casefold()) == 1 or any(
            c.code == code for c in self.settings.collections
        )

    def open_collection(self, today: date) -> Collection:
        """The only collection open today.

        Raises:
            SettingsError: If none or several are; the message lists the codes.
        """
        open_ = [c for c in self.settings.collections if c.is_open(today)]
        if len(open_) == 1:
            return open_[0]
        how = "No collection is" if not open_ else "More than one collection is"
        raise SettingsError(
            f"{how} open on {today.isoformat()}.",
            f"Name one of: {self._codes()}.",
        )

    def _codes(self) -> str:
        return ", ".join(c.code for c in self.settings.collections) or "none yet"

    def key(self) -> bytes:
        """The school's secret key, which never leaves the folder.

        It is created when the school's store is first opened.

        Raises:
            KeyFileError: If it is missing or damaged.
        """
        keys = read_keys(self.folder)
        if keys:
            return keys[0]
        raise KeyFileError(
            f"The school's key is missing: there is no {KEY_FILE} in {self.folder}.",
            "Put it back from your last backup.",
        )


def school_title(name: str, school_id: str) -> str:
    """A school in words.

    >>> school_title("Northbridge", "100001")
    'Northbridge (100001)'
    >>> school_title("Northbridge", "Northbridge")
    'Northbridge'
    """
    return name if name == school_id else f"{name} ({school_id})"


def academic_year_of(today: date) -> str:
    """The academic year of a day; it starts on 1 September.

    >>> academic_year_of(date(2026, 8, 31)), academic_year_of(date(2026, 9, 1))
    ('2025/26', '2026/27')
    """
    first = today.year if today.month >= 9 else today.year - 1
    return f"{first}/{(first + 1) % 100:02d}"
