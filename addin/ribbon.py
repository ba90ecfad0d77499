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
        tip: What it does, in a sentence.
        large: Whether its icon is large.
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
                "Work out a target for every row of the table on this sheet.",
                large=True,
            ),
            RibbonButton("moderate", "Moderate", "Write the moderation workbooks."),
            RibbonButton(
                "apply", "Apply", "Apply the moderation workbook that is open."
            ),
        ),
    ),
    RibbonGroup(
        "Collect",
        (
            RibbonButton(
                "issue", "Issue", "Write the markbooks of the collection.", large=True
            ),
            RibbonButton("check", "Check returns", "Say what merging would do."),
            RibbonButton("merge", "Merge returns", "Merge what came back."),
            RibbonButton(
                "chase", "Chase", "List who has not returned, or not finished."
            ),
        ),
    ),
    RibbonGroup(
        "Analyse",
        (
            RibbonButton(
                "flags_here",
                "Flags on this table",
                "Put the flag beside every row of the table on this sheet.",
                large=True,
            ),
            RibbonButton(
                "groups_here", "Groups", "Sum the table up by group, with a chart."
            ),
            RibbonButton(
                "underachieving_here", "Underachieving", "List who is below target."
            ),
            RibbonButton("praise_here", "Praise", "List who is on or above target."),
            RibbonButton("packs", "Packs", "Write the leaders' workbooks.", large=True),
        ),
    ),
    RibbonGroup(
        "Help",
        (RibbonButton("help", "Help", "Say what each button does.", large=True),),
    ),
)


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
