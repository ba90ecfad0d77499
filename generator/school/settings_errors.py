"""What `school.toml` says wrong, in words: the key, what it says, what is allowed."""

from __future__ import annotations

import difflib
import json
import re
import types
from collections.abc import Iterator, Mapping
from datetime import date
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from generator.school.settings import Settings

Location = tuple[int | str, ...]

_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
_EXAMPLES = {"academic_year": "2026/27", "code": "AUT", "rule": 'pp == "Y"'}


def describe_errors(error: ValidationError) -> Iterator[str]:
    """What a settings file says wrong: each by its key, with what is allowed."""
    found: list[dict[str, Any]] = [
        {**fault, "loc": _settled(fault["loc"])}
        if fault["type"] != "extra_forbidden"
        else dict(fault)
        for fault in error.errors()
    ]
    told: set[str] = set()
    for fault in found:
        if fault["type"] == "too_short" and any(
            other["loc"][:-1] == fault["loc"] for other in found
        ):
            continue  # short only because something in it is wrong
        said = _said(fault)
        if said not in told:
            told.add(said)
            yield said


def describe_toml_error(text: str, error: TOMLDecodeError) -> str:
    r"""Where a settings file cannot be read at all.

    >>> from tomllib import loads
    >>> try:
    ...     loads("[flags]\nfine = ja\n")
    ... except TOMLDecodeError as error:
    ...     print(not_toml("[flags]\nfine = ja\n", error))
    line 2 cannot be read: `fine = ja`
    """
    place = _PLACE.search(str(error))
    lines = text.splitlines()
    number = int(place[1]) if place else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    again = "overwrite" in str(error) or "twice" in str(error)
    what = "says again what stands above" if again else "cannot be read"
    return f"line {number} {what}" + (f": `{line}`" if line else "")


def _said(fault: Mapping[str, Any]) -> str:
    location: Location = fault["loc"]
    where = _where(location)
    kind = str(fault["type"])
    if kind == "extra_forbidden":
        return _no_setting(location)
    if kind == "missing":
        return f"{where} is missing: write {_allowed_at(location)}"
    value = _toml(fault["input"])
    if kind == "value_error":
        told = str(fault["msg"]).removeprefix("Value error, ")
        return f"{where}{value}: {told}" if where else told
    return f"{where}{value}: write {_allowed_at(location)}"


def _no_setting(location: Location) -> str:
    allowed = list(_keys_at(location[:-1]))
    wrong = str(location[-1])
    near = difflib.get_close_matches(wrong, allowed, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    if not near and wrong in Settings.model_fields:
        hint = f" (it is a section of its own: {_heading(wrong)})"
    if len(location) == 1:
        homes = [name for name in Settings.model_fields if wrong in _keys_at((name,))]
        hint = hint or (f" (it belongs below {_heading(homes[0])})" if homes else "")
    return f"{_where(location)} is not a setting{hint}; there are: {', '.join(allowed)}"


def _settled(location: Location) -> Location:
    """A place in the file, without what was tried there (`urn` as int, as str)."""
    kept: list[int | str] = []
    for part in location:
        if isinstance(part, str) and not (
            part in _keys_at(tuple(kept)) or _is_section(tuple(kept))
        ):
            break
        kept.append(part)
    return tuple(kept)


def _where(location: Location) -> str:
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def _toml(value: Any) -> str:
    """What stands there, as `school.toml` writes it; nothing for a whole section."""
    if isinstance(value, dict | BaseModel):
        return ""
    if isinstance(value, list | tuple):
        if any(isinstance(one, dict) for one in value):
            return ""
        return f" = [{', '.join(_toml(one).removeprefix(' = ') for one in value)}]"
    if isinstance(value, date):
        return f" = {value.isoformat()}"
    return f" = {json.dumps(value, ensure_ascii=False, default=str)}"


def _models_at(location: Location) -> Any:
    """What the model has at a place: an annotation, its bounds included."""
    found: Any = Settings
    for part in location:
        found = _plain(found)
        if isinstance(part, int):
            found = get_args(found)[0]
        elif isinstance(found, type) and issubclass(found, BaseModel):
            if part not in found.model_fields:
                return None
            field = found.model_fields[part]
            found = field.annotation
            if field.metadata:
                found = Annotated[found, *field.metadata]
        else:
            found = get_args(found)[-1]  # a text of [columns]
    return found


def _plain(annotation: Any) -> Any:
    """An annotation without its bounds, and without `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            kinds = [one for one in get_args(annotation) if one is not type(None)]
            if len(kinds) > 1:
                return annotation
            annotation = kinds[0]
        else:
            return annotation


def _bounds(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        inner, *bounds = get_args(annotation)
        for one in list(bounds):
            bounds += one.metadata if isinstance(one, FieldInfo) else []
        return [*bounds, *_bounds(inner)]
    if get_origin(annotation) in (Union, types.UnionType):
        return [bound for one in get_args(annotation) for bound in _bounds(one)]
    return []


def _keys_at(location: Location) -> list[str]:
    found = _plain(_models_at(location))
    if get_origin(found) is tuple:
        found = get_args(found)[0]
    sections = isinstance(found, type) and issubclass(found, BaseModel)
    return list(found.model_fields) if sections else []


def _is_section(location: Location) -> bool:
    """Whether the school names the keys there itself, as in `[columns]`."""
    found = _plain(_models_at(location))
    return get_origin(found) is dict or found is Settings


def _heading(name: str) -> str:
    many = get_origin(_plain(_models_at((name,)))) is tuple
    return f"[[{name}]]" if many else f"[{name}]"


def _allowed_at(location: Location) -> str:
    if len(location) == 1:
        name = str(location[0])
        return f"{_heading(name)} on a line, and its settings below it"
    if len(location) == 2 and isinstance(location[1], int):
        return f"{_heading(str(location[0]))} on a line, and its settings below it"
    example = _EXAMPLES.get(str(location[-1]), "")
    return _allowed(_models_at(location), example)


def _allowed(annotation: Any, example: str = "") -> str:
    found, bounds = _plain(annotation), _bounds(annotation)
    least = next((one.ge for one in bounds if isinstance(one, Ge)), None)
    most = next((one.le for one in bounds if isinstance(one, Le)), None)
    within = "" if least is None else f" from {least} to {most}"
    if get_origin(found) is Literal:
        values = [json.dumps(one) for one in get_args(found)]
        return ("one of " if len(values) > 1 else "") + ", ".join(values)
    if get_origin(found) is tuple:
        each = _allowed(get_args(found)[0])
        return f"a list in square brackets, where each is {each}"
    if found is bool:
        return "true or false, without quotes"
    if found is int:
        return f"a whole number{within}, without quotes"
    if found is float:
        return f"a number{within}, without quotes"
    if found is date:
        return "a day like 2026-10-12, without quotes"
    longest = next((one.max_length for one in bounds if isinstance(one, MaxLen)), None)
    filled = any(isinstance(one, MinLen) for one in bounds)
    words = (
        "a text in quotes" if found is str else "a whole number, or a text in quotes"
    )
    words += ", not empty" if filled else ""
    words += f", of at most {longest} letters" if longest else ""
    quote = "'" if '"' in example else '"'
    return words + (f", like {quote}{example}{quote}" if example else "")
