"""The ribbon tab `Markbook`: one table of buttons for both add-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

TAB = "Markbook"
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"


@dataclass(frozen=True, slots=True)
class Button:
    """One button.

    Args:
        action: The action it runs, as it is called in `addin.actions`; the name of
            its picture, too.
        label: What stands on it.
        tip: What it will do, in a sentence.
        large: Whether it is a large one.
    """

    action: str
    label: str
    tip: str
    large: bool = False

    @property
    def callback(self) -> str:
        """The VBA callback: `RibbonMarkbook.MB_flags_here`."""
        return f"RibbonMarkbook.MB_{self.action}"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of buttons."""

    name: str
    buttons: tuple[Button, ...]


GROUPS = (
    Group(
        "Targets",
        (
            Button(
                "targets_here",
                "Targets for this table",
                "Work out a target for every row of the table on this sheet.",
                large=True,
            ),
            Button("moderate", "Moderate", "Write the moderation workbooks."),
            Button("apply", "Apply", "Apply the moderation workbook that is open."),
        ),
    ),
    Group(
        "Collect",
        (
            Button(
                "issue", "Issue", "Write the markbooks of the collection.", large=True
            ),
            Button("check", "Check returns", "Say what merging would do."),
            Button("merge", "Merge returns", "Merge what came back."),
            Button("chase", "Chase", "List who has not returned, or not finished."),
        ),
    ),
    Group(
        "Analyse",
        (
            Button(
                "flags_here",
                "Flags on this table",
                "Put the flag beside every row of the table on this sheet.",
                large=True,
            ),
            Button("groups_here", "Groups", "Sum the table up by group, with a chart."),
            Button(
                "underachieving_here", "Underachieving", "List who is below target."
            ),
            Button("praise_here", "Praise", "List who is on or above target."),
            Button("packs", "Packs", "Write the leaders' workbooks.", large=True),
        ),
    ),
    Group("Help", (Button("help", "Help", "Say what each button does.", large=True),)),
)


def buttons() -> Iterator[Button]:
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
        f'      <tab id="tab{TAB}" label="{TAB}" insertAfterMso="TabHome">',
    ]
    for group in GROUPS:
        lines.append(f'        <group id="group{group.name}" label="{group.name}">')
        for button in group.buttons:
            size = "large" if button.large else "normal"
            lines.append(
                f'          <button id="button_{button.action}" '
                f'label={quoteattr(button.label)} size="{size}" '
                f'image="{button.action}" onAction="{button.callback}" '
                f"screentip={quoteattr(button.label)} "
                f"supertip={quoteattr(button.tip)}/>"
            )
        lines.append("        </group>")
    lines += ["      </tab>", "    </tabs>", "  </ribbon>", "</customUI>", ""]
    return "\n".join(lines).encode()
