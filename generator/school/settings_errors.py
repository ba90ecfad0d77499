"""The errors of `school.toml` in words: the key, its value, what is allowed."""

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
    """Each error of a settings file by its key, with what is allowed."""
    errors: list[dict[str, Any]] = [
        {**details, "loc": _setting_location(details["loc"])}
        if details["type"] != "extra_forbidden"
        else dict(details)
        for details in error.errors()
    ]
    texts: dict[str, None] = {}
    for details in errors:
        if details["type"] == "too_short" and any(
            other["loc"][:-1] == details["loc"] for other in errors
        ):
            continue  # short only because something in it is wrong
        texts[_describe(details)] = None
    yield from texts


def describe_toml_error(text: str, error: TOMLDecodeError) -> str:
    r"""The line at which a settings file is not TOML, and why.

    >>> from tomllib import loads
    >>> try:
    ...     loads("[flags]\nfine = ja\n")
    ... except TOMLDecodeError as error:
    ...     print(describe_toml_error("[flags]\nfine = ja\n", error))
    line 2 cannot be read: `fine = ja`
    """
    place = _PLACE.search(str(error))
    lines = text.splitlines()
    number = int(place[1]) if place else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    is_repeated = "overwrite" in str(error) or "twice" in str(error)
    what = "repeats a line above it" if is_repeated else "cannot be read"
    return f"line {number} {what}" + (f": `{line}`" if line else "")


def _describe(details: Mapping[str, Any]) -> str:
    location: Location = details["loc"]
    where = _where(location)
    kind = str(details["type"])
    if kind == "extra_forbidden":
        return _describe_unknown(location)
    if kind == "missing":
        return f"{where} is missing: write {_allowed_at(location)}"
    value = _toml(details["input"])
    if kind == "value_error":
        message = str(details["msg"]).removeprefix("Value error, ")
        return f"{where}{value}: {message}" if where else message
    return f"{where}{value}: write {_allowed_at(location)}"


def _describe_unknown(location: Location) -> str:
    allowed = list(_keys_at(location[:-1]))
    wrong = str(location[-1])
    near = difflib.get_close_matches(wrong, allowed, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    if not near and wrong in _fields(Settings):
        hint = f" (it is a section of its own: {_heading(wrong)})"
    if len(location) == 1:
        homes = [name for name in _fields(Settings) if wrong in _keys_at((name,))]
        hint = hint or (f" (it belongs below {_heading(homes[0])})" if homes else "")
    return f"{_where(location)} is not a setting{hint}; there are: {', '.join(allowed)}"


def _setting_location(location: Location) -> Location:
    """The place of a setting, without the types that pydantic tried (`urn` as int)."""
    setting: list[int | str] = []
    for part in location:
        if isinstance(part, str) and not (
            part in _keys_at(tuple(setting)) or _is_free(tuple(setting))
        ):
            break
        setting.append(part)
    return tuple(setting)


def _where(location: Location) -> str:
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def _toml(value: Any) -> str:
    """A value as `school.toml` writes it; empty for a whole section."""
    if isinstance(value, dict | BaseModel):
        return ""
    if isinstance(value, list | tuple):
        if any(isinstance(item, dict) for item in value):
            return ""
        return f" = [{', '.join(_toml(item).removeprefix(' = ') for item in value)}]"
    if isinstance(value, date):
        return f" = {value.isoformat()}"
    return f" = {json.dumps(value, ensure_ascii=False, default=str)}"


def _annotation_at(location: Location) -> Any:
    """The annotation of a place in the model, its bounds included."""
    annotation: Any = Settings
    for part in location:
        annotation = _plain(annotation)
        if isinstance(part, int):
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = _fields(annotation).get(part)
            if field is None:
                return None
            annotation = field.annotation
            if field.metadata:
                annotation = Annotated[annotation, *field.metadata]
        else:
            annotation = get_args(annotation)[-1]  # a text of [columns]
    return annotation


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The settings of a model by the names that `school.toml` has."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _plain(annotation: Any) -> Any:
    """An annotation without its bounds, and without `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            types_ = [t for t in get_args(annotation) if t is not type(None)]
            if len(types_) > 1:
                return annotation
            annotation = types_[0]
        else:
            return annotation


def _bounds(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        inner, *bounds = get_args(annotation)
        for bound in list(bounds):
            bounds += bound.metadata if isinstance(bound, FieldInfo) else []
        return [*bounds, *_bounds(inner)]
    if get_origin(annotation) in (Union, types.UnionType):
        return [bound for t in get_args(annotation) for bound in _bounds(t)]
    return []


def _keys_at(location: Location) -> list[str]:
    annotation = _plain(_annotation_at(location))
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return list(_fields(annotation)) if is_model else []


def _is_free(location: Location) -> bool:
    """Whether the school chooses the keys there itself, as in `[columns]`."""
    annotation = _plain(_annotation_at(location))
    return get_origin(annotation) is dict or annotation is Settings


def _heading(name: str) -> str:
    many = get_origin(_plain(_annotation_at((name,)))) is tuple
    return f"[[{name}]]" if many else f"[{name}]"


def _allowed_at(location: Location) -> str:
    if len(location) == 1:
        name = str(location[0])
        return f"{_heading(name)} on a line, and its settings below it"
    if len(location) == 2 and isinstance(location[1], int):
        return f"{_heading(str(location[0]))} on a line, and its settings below it"
    example = _EXAMPLES.get(str(location[-1]), "")
    return _allowed(_annotation_at(location), example)


def _allowed(annotation: Any, example: str = "") -> str:
    plain = _plain(annotation)
    if get_origin(plain) is Literal:
        values = [json.dumps(value) for value in get_args(plain)]
        return ("one of " if len(values) > 1 else "") + ", ".join(values)
    if get_origin(plain) is tuple:
        each = _allowed(get_args(plain)[0])
        return f"a list in square brackets, where each is {each}"
    if plain in (int, float):
        number = "a whole number" if plain is int else "a number"
        least, most = (_bound(annotation, *kind) for kind in ((Ge, "ge"), (Le, "le")))
        within = "" if least is None else f" from {least} to {most}"
        return f"{number}{within}, without quotes"
    if plain is bool:
        return "true or false, without quotes"
    if plain is date:
        return "a day like 2026-10-12, without quotes"
    return _allowed_text(annotation, example)


def _allowed_text(annotation: Any, example: str) -> str:
    is_text = _plain(annotation) is str
    words = "a text in quotes" if is_text else "a whole number, or a text in quotes"
    if _bound(annotation, MinLen, "min_length") is not None:
        words += ", not empty"
    if longest := _bound(annotation, MaxLen, "max_length"):
        words += f", of at most {longest} letters"
    quote = "'" if '"' in example else '"'
    return words + (f", like {quote}{example}{quote}" if example else "")


def _bound(annotation: Any, kind: type, name: str) -> Any:
    """The value of the first bound of a kind, or None."""
    bounds = (bound for bound in _bounds(annotation) if isinstance(bound, kind))
    return next((getattr(bound, name) for bound in bounds), None)
