"""Find the returns of a run that later returns of the same run supersede."""

from __future__ import annotations

from collections import defaultdict

from generator.returns.merge_rules import Return

_Cells = set[tuple[str, str, str, str]]


class SupersededReturns:
    """Finds the returns of a run that later returns of the run supersede."""

    def __init__(self) -> None:
        self._filled: dict[tuple[str, str], list[tuple[Return, _Cells]]]
        self._filled = defaultdict(list)
        # Return id -> its classes (with collection) that no later return covers.
        self._uncovered: dict[str, set[tuple[str, str]]] = {}

    def add(self, later: Return) -> list[str]:
        """Add a merged return, and return the ids of those it supersedes.

        A return is superseded when each of its classes has a later return that fills
        every cell it fills.
        """
        cells: dict[tuple[str, str], _Cells] = defaultdict(set)
        for entry in later.entries:
            cells[later.collection, entry.class_code].add(entry.cell_key)
        superseded = []
        for key, filled in cells.items():
            for earlier, fewer in self._filled[key]:
                uncovered = self._uncovered[earlier.return_id]
                is_later = earlier.merge_order < later.merge_order
                if key in uncovered and is_later and fewer <= filled:
                    uncovered.remove(key)
                    if not uncovered:
                        superseded.append(earlier.return_id)
            self._filled[key].append((later, filled))
            self._uncovered.setdefault(later.return_id, set()).add(key)
        return superseded
