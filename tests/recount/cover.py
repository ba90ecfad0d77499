"""The parts that all packs share: the cover, the record sheet, the charts."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Sequence
from xml.etree import ElementTree

from openpyxl.utils.cell import range_boundaries

from tests.recount.arithmetic import date_text, per_cent, plural
from tests.recount.audit import SheetAudit, WorkbookAudit
from tests.recount.recount_data import (
    Enrolment,
    RecountData,
    count_returns,
    unique_pairs,
)


def check_cover(
    sheet: SheetAudit,
    data: RecountData,
    rows: Sequence[Enrolment],
    *,
    scope: str,
    role: str,
    holders: Sequence[str],
    opening: Sequence[str],
    leaver_count: int,
) -> None:
    """Check the cover: opening sentences, source, completeness, list of sheets.

    Args:
        sheet: The sheet `Cover`.
        data: The school.
        rows: The rows of the pack.
        scope: The part of the school.
        role: The role of its readers.
        holders: Their names.
        opening: The opening sentences.
        leaver_count: The number of marks of pupils who have left since.
    """
    collection = data.collection
    name, code = collection.get("name", data.code), data.code
    sheet.expect("A1", f"{scope}: {name}")
    sheet.expect("A2", data.settings["school"]["name"])
    pairs = unique_pairs(rows)
    answered = sum(row.answered for row in pairs)
    sentences = list(opening)
    if answered * 100 < 90 * len(pairs):
        sentences.append(
            "PROVISIONAL: under 90 in 100 have an answer, and what is missing is "
            "seldom like what has come."
        )
    for at, sentence in enumerate(sentences, start=4):
        sheet.expect(f"A{at}", sentence)
    files = plural(count_returns(data, rows), "return")
    classes = plural(len({row.class_ for row in rows}), "class", "classes")
    pupils = plural(len({row.adno for row in rows}), "pupil")
    share = per_cent(answered, len(pairs)) if pairs else "–"
    pair_count = plural(len(pairs), "pupil and subject", "pupils and subjects")
    until = f"31 Aug {int(data.academic_year[:4]) + 1}"
    facts = {
        "For": "\n".join(f"{holder}, {role} of {scope}" for holder in holders)
        or f"Nobody is named as {role} of {scope}: add them to roles.csv.",
        "From": f"{name} ({code}), open {date_text(collection['opens'])} to "
        f"{date_text(collection['closes'])}; {files} merged",
        "Asked": f"{classes} and {pupils}",
        "How complete": f"{answered:,} of {pair_count} have an answer ({share})",
        "Written": f"{date_text(data.exports.today)}, 09:30",
        "Keep until": f"{until} (the end of the academic year). Then delete it: the "
        "same pack can be written again.",
    }
    at = 4 + len(sentences) + 1
    for title, text in facts.items():
        assert sheet[f"A{at}"] == title
        sheet.expect(f"B{at}", text)
        at += 1
    at += 1
    if leaver_count:
        sheet.expect(
            f"A{at}",
            f"Not shown: {plural(leaver_count, 'mark')} of pupils who have since left "
            "the school or the class.",
        )
        at += 2
    assert sheet[f"A{at}"] == "What is in it"
    others = [other.title for other in sheet.audit]
    others = [other for other in others if other not in ("Cover", "Pack record")]
    for other in others:
        at += 1
        sheet.expect(f"A{at}", other)
    assert sheet[f"A{at + 2}"] == (
        "Holds names and results of pupils: only for whom it is addressed to. Do not "
        "forward it; take out names before projecting it."
    )


def check_record(sheet: SheetAudit, data: RecountData, name: str, pupils: int) -> None:
    """Check the record sheet, with one sign for each pupil."""
    sheet.expect("B4", name)
    sheet.expect("B5", data.code)
    sheet.expect("B6", data.academic_year)
    signs = str(sheet["B7"] or "").split()
    assert len(set(signs)) == pupils, (sheet.title, len(signs), pupils)
    assert all(re.fullmatch("[0-9a-f]{8}", sign) for sign in signs)
    sheet.expect("B7", " ".join(sorted(signs)))
    assert re.fullmatch("[0-9a-f]{64}", str(sheet["B8"]))
    sheet.expect("B8", sheet["B8"])


# Charts

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_charts(audit: WorkbookAudit) -> dict[str, int]:
    """The number of charts on each sheet; each must draw a whole table beside it.

    A series draws cells of its own sheet, from the line under the heading that names it
    to the last line of that table, each beside its category. The audit checks the cells
    themselves.
    """
    chart_counts: dict[str, int] = {}
    with zipfile.ZipFile(audit.path) as pack:
        for title, part in _sheets(pack).items():
            for drawing in _related(pack, part, "/drawing"):
                for chart in _related(pack, drawing, "/chart"):
                    root = ElementTree.fromstring(pack.read(chart))
                    series = list(root.iter(f"{_CHART}ser"))
                    assert series, (title, chart)
                    for element in series:
                        _check_drawing(audit, title, element)
                    chart_counts[title] = chart_counts.get(title, 0) + 1
        everything = [name for name in pack.namelist() if "/charts/chart" in name]
    assert sum(chart_counts.values()) == len(everything)
    return chart_counts


def _sheets(pack: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by title."""
    parts = _targets(pack, "xl/workbook.xml")
    root = ElementTree.fromstring(pack.read("xl/workbook.xml"))
    return {
        str(element.get("name")): parts[str(element.get(_LINKED))][1]
        for element in root.iter(f"{_MAIN}sheet")
    }


def _targets(pack: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relationship -> its type and target part."""
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels"
    if links not in pack.namelist():
        return {}
    return {
        str(element.get("Id")): (
            str(element.get("Type")),
            posixpath.normpath(posixpath.join(folder, str(element.get("Target")))),
        )
        for element in ElementTree.fromstring(pack.read(links))
    }


def _related(pack: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    return [to for of, to in _targets(pack, part).values() if of.endswith(kind)]


def _check_drawing(
    audit: WorkbookAudit, title: str, series: ElementTree.Element
) -> None:
    sheet = audit.book[title]
    spans = {
        (element.tag.removeprefix(_CHART), str(formula.text))
        for element in series.iter()
        for formula in element.findall(f".//{_CHART}f")
        if element.tag.removeprefix(_CHART)
        in ("tx", "cat", "val", "xVal", "yVal", "plus", "minus", "bubbleSize")
    }
    heads = {text for of, text in spans if of == "tx"}
    ranges = {of: _corners(title, text) for of, text in spans if of != "tx"}
    assert {"val", "yVal"} & set(ranges), (title, spans)
    rows = {(first, last) for _, first, _, last in ranges.values()}
    assert len(rows) == 1, (title, spans)
    ((first, last),) = rows
    for of, (left, _, right, _) in ranges.items():
        assert left == right, (title, spans)
        assert isinstance(sheet.cell(first - 1, left).value, str), (title, spans)
        assert sheet.cell(last + 1, left).value is None, (title, spans)
        # One pupil gives a mean without an interval.
        assert of in ("plus", "minus") or all(
            sheet.cell(row, left).value is not None for row in range(first, last + 1)
        ), (title, spans)
    value = ranges.get("val") or ranges["yVal"]
    for text in heads:
        assert _corners(title, text) == (value[0], first - 1, value[0], first - 1)


def _corners(title: str, text: str) -> tuple[int, int, int, int]:
    """The columns and rows of a range, which must be on this sheet."""
    name, _, cells = text.rpartition("!")
    assert name.strip("'").replace("''", "'") == title, text
    left, top, right, bottom = range_boundaries(cells.replace("$", ""))
    return int(left or 0), int(top or 0), int(right or 0), int(bottom or 0)
