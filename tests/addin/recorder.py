"""Run actions on xlwings' remote engine, which records their effects.

This is a process of its own: xlwings chooses its engine when it is first imported.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any


def sheet(name: str, rows: list[list[Any]]) -> dict[str, Any]:
    last = chr(ord("A") + len(rows[0]) - 1) if len(rows[0]) < 27 else "Z"
    return {
        "name": name,
        "values": rows,
        "visibility": "Visible",
        "show_gridlines": True,
        "used_range_address": f"A1:{last}{len(rows)}",
        "used_range_row_count": len(rows),
        "used_range_column_count": len(rows[0]),
        "print_area": None,
        "notes": [],
        "notes_supported": True,
        **{many: [] for many in ("pictures", "shapes", "charts", "tables")},
        "pivot_tables": [],
    }


def main() -> None:
    os.environ["XLWINGS_LICENSE_KEY"] = "noncommercial"
    import xlwings

    from addin import actions

    answers = []
    for case in json.load(sys.stdin):
        book = xlwings.Book(
            json={
                "client": "Office.js",
                "version": xlwings.__version__,
                "book": {
                    "name": case.get("book", "list.xlsx"),
                    "active_sheet_index": 0,
                    "selection": "A1",
                    "calculation": "Automatic",
                },
                "names": [],
                "sheets": [sheet(*spec) for spec in case["sheets"]],
            }
        )
        folder = case.get("folder")
        request = actions.ActionRequest(
            book=book,
            now=datetime.fromisoformat(case["now"]),
            who="HAR",
            folder=Path(folder) if folder else None,
        )
        actions.run(case["action"], request, confirmed=case["confirmed"])
        answers.append(book.json()["actions"])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
