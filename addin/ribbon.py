"""The buttons of the ribbon tab `Markbook`, one table for both add-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

TAB = "Markbook"
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"


@dataclass(frozen=True, slots=True)
class RibbonButton:
    """One button.

    Args:
        action: The name of its action in `addin.actions`, and of its icon.
        label: The text on it.
        tip: What it does and where the result is, in at most 250 characters.
        key: The key that presses it after Alt and the tab's own.
        large: Whether its icon is large.
    """

    action: str
    label: str
    tip: str
    key: str
    large: bool = False

    @property
    def callback(self) -> str:
        """The VBA callback: `RibbonMarkbook.MB_flags_here`."""
        return f"RibbonMarkbook.MB_{self.action}"


@dataclass(frozen=True, slots=True)
class RibbonGroup:
    """A group of buttons and its label."""

    name: str
    buttons: tuple[RibbonButton, ...]


GROUPS = (
    RibbonGroup(
        "Targets",
        (
            RibbonButton(
                "targets_here",
                "Targets for this table",
                "Works out a target for every row of the table on this sheet, from its "
                "subject and Key Stage 2 scores. Says first where they will stand.",
                "T",
                large=True,
            ),
            RibbonButton(
                "moderate",
                "Moderate",
                "Writes a workbook of drafted targets for each department, into the "
                "folder moderation of the school. Heads of department change them.",
                "M",
            ),
            RibbonButton(
                "apply",
                "Apply",
                "Takes the targets of the moderation workbook that is open, as it was "
                "last saved. Each change and its reason go into the history.",
                "A",
            ),
        ),
    ),
    RibbonGroup(
        "Collect",
        (
            RibbonButton(
                "issue",
                "Issue",
                "Writes the locked, pre-filled markbooks of the open collection, "
                "a file for each class or teacher, into the folder issued.",
                "I",
                large=True,
            ),
            RibbonButton(
                "check",
                "Check returns",
                "Reads every file in the folder returned and lists, by file and cell, "
                "what merging would do. Nothing is stored.",
                "C",
            ),
            RibbonButton(
                "merge",
                "Merge returns",
                "Merges what is right in the folder returned, and writes a marked-up "
                "copy of what is not, to send back, into the folder checked.",
                "R",
            ),
            RibbonButton(
                "chase",
                "Chase",
                "Lists which teachers have not returned a class, or not finished it, "
                "with a message ready to send to each.",
                "W",
            ),
        ),
    ),
    RibbonGroup(
        "Analyse",
        (
            RibbonButton(
                "flags_here",
                "Flags on this table",
                "Puts Above, On, Below or Well below beside every row of the table on "
                "this sheet that has a target and a prediction.",
                "F",
                large=True,
            ),
            RibbonButton(
                "groups_here",
                "Groups",
                "Counts the flags of this table for each group of a heading, "
                "such as PP, on a sheet of its own with a chart.",
                "G",
            ),
            RibbonButton(
                "underachieving_here",
                "Underachieving",
                "Lists the pupils of this table below target, worst first, with "
                "their subjects, on a sheet of its own.",
                "U",
            ),
            RibbonButton(
                "praise_here",
                "Praise",
                "Lists the pupils of this table on or above target in all their "
                "subjects, or were praised, on a sheet of its own.",
                "P",
            ),
            RibbonButton(
                "packs",
                "Packs",
                "Writes a workbook for each leader, such as heads of department and of "
                "year, from the marks merged so far, into the folder packs.",
                "K",
                large=True,
            ),
        ),
    ),
    RibbonGroup(
        "Help",
        (
            RibbonButton(
                "help",
                "Help",
                "Says in a sentence what each button of this tab does, and which "
                "school's folder they work on.",
                "H",
                large=True,
            ),
        ),
    ),
)
TAB_KEY = "MB"  # after Alt


def buttons() -> Iterator[RibbonButton]:
    """Every button, from left to right."""
    for group in GROUPS:
        yield from group.buttons


def custom_ui() -> bytes:
    """The tab for Excel on the desktop, as `customUI14.xml`."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        f'<customUI xmlns="{NAMESPACE}">',
        "  <ribbon>",
        "    <tabs>",
        f'      <tab id="tab{TAB}" label="{TAB}" keytip="{TAB_KEY}" '
        'insertAfterMso="TabHome">',
    ]
    for group in GROUPS:
        lines.append(f'        <group id="group{group.name}" label="{group.name}">')
        for button in group.buttons:
            size = "large" if button.large else "normal"
            lines.append(
                f'          <button id="button_{button.action}" '
                f'label={quoteattr(button.label)} size="{size}" '
                f'image="{button.action}" onAction="{button.callback}" '
                f'keytip="{button.key}" '
                f"screentip={quoteattr(button.label)} "
                f"supertip={quoteattr(button.tip)}/>"
            )
        lines.append("        </group>")
    lines += ["      </tab>", "    </tabs>", "  </ribbon>", "</customUI>", ""]
    return "\n".join(lines).encode()
