"""What is said about an entry sheet: what befell many pupils at once is said once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generator.problems import Problem
from generator.returns.check_cells import Fault

FEW = 3  # pupils of whom the same is said one by one
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Telling:
    """The problems of one entry sheet, in the order in which they were found.

    Args:
        sheet: The sheet's name, as it is now.
    """

    sheet: str
    _told: list[Problem] = field(default_factory=list)
    _alike: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def tell(
        self, fault: Fault, cell: str = "", adno: str = "", value: str = ""
    ) -> None:
        """Say what is wrong with a cell.

        Args:
            fault: What is wrong.
            cell: Its address, or several, or empty.
            adno: The pupil, or empty.
            value: What stands there.
        """
        if fault.together:
            self._alike[fault.code, fault.together].append(len(self._told))
        self._told.append(
            Problem(
                sheet=self.sheet,
                cell=cell,
                adno=adno,
                severity=fault.severity,
                code=fault.code,
                value=value,
                what=fault.what,
                do=fault.do,
            )
        )

    def problems(self) -> Sequence[Problem]:
        """Everything that was said; of more than a few pupils in the same words."""
        made = list(self._told)
        for (_, together), numbers in self._alike.items():
            if len({made[number].cell.lstrip(_LETTERS) for number in numbers}) > FEW:
                for number in numbers:
                    made[number] = replace(made[number], what=together, value="")
        return made
