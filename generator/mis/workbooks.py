"""Excel workbooks from outside, read strictly and within bounds.

Only what an export needs is read: the text that each cell shows. Every part is
unpacked up to a limit whatever the file claims, a document type (the way to
"billion laughs") is refused, and rows are counted as they come, so that no file
can hang or exhaust the machine.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from xml.parsers import expat

from generator.mis.sheets import Row, Sheet, Unreadable, letters, tidy

UNPACKED_LIMIT = 128 * 1024 * 1024  # bytes, all parts that are read together
ELEMENT_LIMIT = 12_000_000
CELL_LIMIT = 3_000_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # Excel's own
FILL_LIMIT = 200_000  # cells filled from merged ones
LOST_LIMIT = 200

_SHEET_TYPE = "/worksheet"
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_BUILT_IN_PERCENT = {9, 10}
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class _Refused(Exception):
    """Why a workbook is not read on; turned into one line naming the file."""


@dataclass
class _Styles:
    dates: set[int] = field(default_factory=set)
    percents: set[int] = field(default_factory=set)
    zeros: dict[int, int] = field(default_factory=dict)
    formats: list[int] = field(default_factory=list)


class _Package:
    """The parts of a workbook, unpacked one by one within a common budget."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = {name.lstrip("/").casefold(): name for name in archive.namelist()}
        self.left = UNPACKED_LIMIT
        self.elements = ELEMENT_LIMIT

    def has(self, name: str) -> bool:
        return name.casefold() in self.names

    def read(self, name: str) -> bytes:
        try:
            with self.archive.open(self.names[name.casefold()]) as part:
                data = part.read(self.left + 1)
        except KeyError:
            raise _Refused(f"it has no part {name}") from None
        self.left -= len(data)
        if self.left < 0:
            raise _Refused(
                f"it unpacks to more than {UNPACKED_LIMIT // 1024 // 1024} MB"
            )
        return data

    def parse(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Walk through one part; element names come without their namespaces."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        budget = self

        def opened(tag: str, attributes: dict[str, str]) -> None:
            budget.elements -= 1
            if budget.elements < 0:
                raise _Refused("it has more cells than any export")
            start(tag.rpartition(":")[2], attributes)

        def closed(tag: str) -> None:
            if end is not None:
                end(tag.rpartition(":")[2])

        def document_type(*_: object) -> None:
            raise _Refused("it declares a document type, which no workbook does")

        parser.StartElementHandler = opened
        parser.EndElementHandler = closed
        parser.StartDoctypeDeclHandler = document_type
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(self.read(name), True)
        except expat.ExpatError as error:
            raise _Refused(f"its part {name} is damaged ({error})") from None


def read_workbook(archive: zipfile.ZipFile, file: str) -> list[Sheet]:
    """Every visible sheet of a workbook, as text.

    Args:
        archive: The opened file.
        file: Its name, for messages.

    Raises:
        Unreadable: If it is damaged, hostile or too big.
    """
    try:
        return _sheets(_Package(archive))
    except _Refused as refused:
        raise Unreadable(
            f"{file} cannot be read: {refused}.",
            "Export it again, or open it in Excel and save it as a new .xlsx.",
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Unreadable(
            f"{file} is damaged: it cannot be unpacked.", "Export it again."
        ) from None
    except RuntimeError:  # what zipfile raises for a part under a password
        raise Unreadable(
            f"{file} is protected with a password.",
            "Save a copy without the password.",
        ) from None


def _sheets(package: _Package) -> list[Sheet]:
    main = _main_part(package)
    targets = _relations(package, main)
    listed: list[tuple[str, str, bool]] = []
    epoch = [datetime(1899, 12, 30)]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            kind, target = targets.get(link, ("", ""))
            if kind.endswith(_SHEET_TYPE):
                shown = attributes.get("state", "visible") == "visible"
                listed.append((attributes.get("name", ""), target, shown))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch[0] = datetime(1904, 1, 1)

    package.parse(main, start)
    others = {kind.rpartition("/")[2]: target for kind, target in targets.values()}
    styles = _styles(package, others.get("styles", ""))
    strings = _strings(package, others.get("sharedStrings", ""))
    return [
        _SheetReader(tidy(name), strings, styles, epoch[0]).read(package, part)
        for name, part, shown in listed
        if shown
    ]


def _main_part(package: _Package) -> str:
    if not package.has("_rels/.rels"):
        raise _Refused("it is not a workbook")
    for kind, target in _relations(package, "").values():
        if kind.endswith("/officeDocument"):
            return target
    raise _Refused("it is not a workbook")


def _relations(package: _Package, part: str) -> dict[str, tuple[str, str]]:
    """Link -> (kind, part) of everything that a part points to."""
    place = PurePosixPath(part)
    folder = place.parent if part else PurePosixPath("")
    name = str(folder / "_rels" / f"{place.name if part else ''}.rels")
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = (
                PurePosixPath(target.lstrip("/"))
                if target.startswith("/")
                else folder / target
            )
            steps: list[str] = []
            for step in whole.parts:
                if step == "..":
                    steps = steps[:-1]
                else:
                    steps.append(step)
            found[attributes.get("Id", "")] = (
                attributes.get("Type", ""),
                "/".join(steps),
            )

    if package.has(name):
        package.parse(name, start)
    return found


def _styles(package: _Package, part: str) -> _Styles:
    styles = _Styles()
    if not package.has(part):
        return styles
    codes: dict[int, str] = {}
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        if tag == "numFmt":
            codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "xf" and inside[-2:-1] == ["cellXfs"]:
            styles.formats.append(_whole(attributes.get("numFmtId")))

    def end(_: str) -> None:
        inside.pop()

    package.parse(part, start, end)
    for style, number in enumerate(styles.formats):
        code = _QUOTED.sub("", codes.get(number, "")).split(";")[0]
        if number in _BUILT_IN_DATES or re.search(r"[dmyhs]", code, re.I):
            if code.strip().casefold() != "general":
                styles.dates.add(style)
        elif number in _BUILT_IN_PERCENT or "%" in code:
            styles.percents.add(style)
        elif re.fullmatch(r"0{2,}", code):
            styles.zeros[style] = len(code)
    return styles


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _strings(package: _Package, part: str) -> list[str]:
    strings: list[str] = []
    if not package.has(part):
        return strings
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        if tag == "t":
            state["text"] = False
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "si":
            strings.append(tidy(_unescaped("".join(pieces))))

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    package.parse(part, start, end, text)
    return strings


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


class _SheetReader:
    """One walk through a sheet: cells to the text a person sees in them."""

    def __init__(
        self, name: str, strings: list[str], styles: _Styles, epoch: datetime
    ) -> None:
        self.name = name
        self.strings = strings
        self.styles = styles
        self.epoch = epoch
        self.rows: dict[int, dict[int, str]] = {}
        self.merged: list[str] = []
        self.lost: list[tuple[str, str]] = []
        self.cells = 0
        self.row = 0
        self.column = -1
        self.kind = ""
        self.style = 0
        self.pieces: list[str] = []
        self.taking = False
        self.formula = False
        self.phonetic = False

    def read(self, package: _Package, part: str) -> Sheet:
        package.parse(part, self._start, self._end, self._text)
        self._fill()
        rows = tuple(Row(n, self.rows[n]) for n in sorted(self.rows) if self.rows[n])
        return Sheet(self.name, rows, tuple(self.lost[:LOST_LIMIT]))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._place(attributes.get("r", ""))
            self.kind = attributes.get("t", "n")
            self.style = _whole(attributes.get("s"))
            self.pieces = []
            self.formula = False
        elif tag == "v" or tag == "t":
            self.taking = not self.phonetic
        elif tag == "row":
            self.row = _whole(attributes.get("r")) or self.row + 1
            self.column = -1
            if self.row > LAST_ROW:
                raise _Refused(f"its sheet {self.name} has a row {self.row}")
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "mergeCell" and len(self.merged) < FILL_LIMIT:
            self.merged.append(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        if tag == "v" or tag == "t":
            self.taking = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            self._keep()

    def _text(self, data: str) -> None:
        if self.taking:
            self.pieces.append(data)

    def _place(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
        else:
            self.column = _column(match[1])
            self.row = int(match[2])
        if self.column >= LAST_COLUMN or self.row > LAST_ROW:
            raise _Refused(f"its sheet {self.name} has a cell {reference}")

    def _keep(self) -> None:
        raw = "".join(self.pieces)
        if not raw:
            if self.formula and self.kind != "str":
                self.lost.append((self._cell(), "a formula that was never worked out"))
            return
        self.cells += 1
        if self.cells > CELL_LIMIT:
            raise _Refused(f"its sheet {self.name} has more cells than any export")
        if self.kind == "e":
            self.lost.append((self._cell(), f"the error {tidy(raw)}"))
            return
        shown = self._shown(raw)
        if shown:
            self.rows.setdefault(self.row, {})[self.column] = shown

    def _cell(self) -> str:
        return f"{letters(self.column)}{self.row}"

    def _shown(self, raw: str) -> str:
        if self.kind == "s":
            place = _whole(raw.strip()) if raw.strip().isdigit() else -1
            if not 0 <= place < len(self.strings):
                raise _Refused(f"the text of its cell {self._cell()} is missing")
            return self.strings[place]
        if self.kind in ("inlineStr", "str"):
            return tidy(_unescaped(raw))
        if self.kind == "b":
            return "True" if raw.strip() == "1" else "False"
        if self.kind == "d":
            return tidy(raw)
        return self._number(raw.strip())

    def _number(self, raw: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return tidy(raw)
        if not abs(number) < 1e300:
            return tidy(raw)
        if self.style in self.styles.dates and 0 < number < 2_958_466:
            return self._moment(number)
        if self.style in self.styles.percents:
            return f"{number * 100:.13g}"
        shown = str(int(raw)) if _is_whole(raw) else f"{number:.15g}"
        if number.is_integer() and abs(number) < 1e15:
            shown = str(int(number))
        return shown.zfill(self.styles.zeros.get(self.style, 0))

    def _moment(self, number: float) -> str:
        try:
            moment = self.epoch + timedelta(seconds=round(number * 86_400))
        except OverflowError:
            return f"{number:.15g}"
        if number < 1:
            return f"{moment:%H:%M}"
        if moment.hour or moment.minute or moment.second:
            return moment.isoformat(sep=" ")
        return moment.date().isoformat()

    def _fill(self) -> None:
        # A class code merged over its pupils' rows stands in every one of them.
        budget = FILL_LIMIT
        for reference in self.merged:
            first, _, last = reference.partition(":")
            top, bottom = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
            if top is None or bottom is None:
                continue
            column, row, end = _column(top[1]), int(top[2]), int(bottom[2])
            value = self.rows.get(row, {}).get(column)
            if value is None or end <= row or (budget := budget - (end - row)) < 0:
                continue
            for below in range(row + 1, end + 1):
                if below in self.rows:
                    self.rows[below].setdefault(column, value)


def _is_whole(raw: str) -> bool:
    return raw.lstrip("-").isdigit() and raw.isascii() and len(raw) < 300


def _column(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
