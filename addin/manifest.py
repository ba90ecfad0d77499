"""The manifest of the Office.js add-in for Windows, Mac and the web."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import version
from xml.sax.saxutils import escape, quoteattr

from addin.ribbon import GROUPS, TAB, RibbonButton, RibbonGroup
from udfs.excel.functions import FUNCTIONS
from udfs.text import match_key

ID = "6f0e1a54-3c1b-4d0e-9a37-6c4f6d1b8a21"
ORIGIN = "https://localhost:8617"
NAMESPACE = "MB"
SIZES = (16, 20, 24, 32, 80)
PANE = "Pane"
_APP = "http://schemas.microsoft.com/office/appforoffice/1.1"
_TYPES = "http://schemas.microsoft.com/office/officeappbasictypes/1.0"
_OVER = "http://schemas.microsoft.com/office/taskpaneappversionoverrides"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_OPEN_PANE = RibbonButton(
    "pane",
    "Returns",
    "Opens a pane beside the sheet: drop returned markbooks on it, see what is wrong "
    "by file and cell, merge them, and download the marked-up copies.",
    "D",
    large=True,
)


def manifest_version(program: str) -> str:
    """The version of the manifest, which has four numbers and begins at 1.

    Excel fetches the functions again when it is higher than before.

    Args:
        program: The version of the program.

    >>> manifest_version("0.1.0"), manifest_version("2.0.1rc3")
    ('1.0.1.0', '1.2.0.1')
    """
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", program)
    if numbers is None:
        raise ValueError(program)
    return f"1.{'.'.join(numbers.groups())}"


def functions_digest() -> str:
    """A short text that changes whenever the description of a function does."""
    described = [
        (f.name, f.summary, f.arguments, f.optional) for f in FUNCTIONS.values()
    ]
    return hashlib.sha256(repr(described).encode()).hexdigest()[:8]


def manifest(origin: str = ORIGIN) -> bytes:
    """The manifest, for sideloading and for central deployment.

    Args:
        origin: The address of the server, such as `https://localhost:8617`.
    """
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OfficeApp xmlns="{_APP}" xmlns:xsi="{_SCHEMA}" xmlns:bt="{_TYPES}" \
xsi:type="TaskPaneApp">
<Id>{ID}</Id><Version>{manifest_version(version("markbook"))}</Version><ProviderName>Markbook</ProviderName>
<DefaultLocale>en-GB</DefaultLocale><DisplayName DefaultValue="Markbook"/>
<Description DefaultValue="Assessment tracking for schools: functions and returns."/>
<IconUrl DefaultValue="{origin}/icons/markbook-32.png"/>
<HighResolutionIconUrl DefaultValue="{origin}/icons/markbook-64.png"/>
<SupportUrl DefaultValue="{origin}/functions.html"/>
<AppDomains><AppDomain>{escape(origin)}</AppDomain></AppDomains>
<Hosts><Host Name="Workbook"/></Hosts>
<Requirements><Sets DefaultMinVersion="1.1"><Set Name="ExcelApi" MinVersion="1.7"/>
</Sets></Requirements>
<DefaultSettings><SourceLocation DefaultValue="{origin}/taskpane.html"/>
</DefaultSettings><Permissions>ReadWriteDocument</Permissions>
<VersionOverrides xmlns="{_OVER}" xsi:type="VersionOverridesV1_0">
<Requirements><bt:Sets DefaultMinVersion="1.1">
<bt:Set Name="SharedRuntime" MinVersion="1.1"/></bt:Sets></Requirements>
<Hosts><Host xsi:type="Workbook">
<Runtimes><Runtime resid="Pane.Url" lifetime="long"/></Runtimes>
<AllFormFactors><ExtensionPoint xsi:type="CustomFunctions">
<Script><SourceLocation resid="Code.Url"/></Script>
<Page><SourceLocation resid="Pane.Url"/></Page>
<Metadata><SourceLocation resid="Meta.Url"/></Metadata>
<Namespace resid="Functions.Namespace"/></ExtensionPoint></AllFormFactors>
<DesktopFormFactor><GetStarted><Title resid="Start.Title"/>
<Description resid="Start.Text"/><LearnMoreUrl resid="Help.Url"/></GetStarted>
<FunctionFile resid="Pane.Url"/>
<ExtensionPoint xsi:type="PrimaryCommandSurface"><CustomTab id="Markbook.Tab">
{chr(10).join(_group(group) for group in GROUPS)}
<Label resid="Tab.Label"/></CustomTab></ExtensionPoint></DesktopFormFactor>
</Host></Hosts>
<Resources>{_resources(origin)}</Resources>
</VersionOverrides>
</OfficeApp>
""".encode()


def _group_buttons(group: RibbonGroup) -> tuple[RibbonButton, ...]:
    """The buttons of a group; the one that opens the pane is this add-in's own."""
    if group.name == "Collect":
        return (_OPEN_PANE, *group.buttons)
    return group.buttons


def _resources(origin: str) -> str:
    """The addresses and texts to which the manifest refers by name."""
    images = {}
    strings = {
        "Functions.Namespace": NAMESPACE,
        "Start.Title": "Markbook is ready",
        "Tab.Label": TAB,
    }
    tips = {"Start.Text": "Look for the tab Markbook, and type =MB. into a cell."}
    for group in GROUPS:
        strings[f"{group.name}.Label"] = group.name
        for button in _group_buttons(group):
            strings[f"{button.action}.L"] = button.label
            tips[f"{button.action}.T"] = button.tip
            icon = "merge" if button is _OPEN_PANE else button.action
            for size in SIZES:
                images[f"{button.action}.{size}"] = f"{origin}/icons/{icon}-{size}.png"
    # Excel keeps what it fetched under an address that it knows.
    functions = f"{origin}/xlwings/custom-functions"
    urls = {
        "Code.Url": f"{functions}-code.js?v={functions_digest()}",
        "Meta.Url": f"{functions}-meta.json?v={functions_digest()}",
        "Pane.Url": f"{origin}/taskpane.html",
        "Help.Url": f"{origin}/functions.html",
    }
    return "".join(
        f"<bt:{kind}>{_values(tag, values)}</bt:{kind}>"
        for kind, tag, values in (
            ("Images", "Image", images),
            ("Urls", "Url", urls),
            ("ShortStrings", "String", strings),
            ("LongStrings", "String", tips),
        )
    )


def _values(tag: str, values: dict[str, str]) -> str:
    return "".join(
        f"<bt:{tag} id={quoteattr(name)} DefaultValue={quoteattr(value)}/>"
        for name, value in values.items()
    )


def _group(group: RibbonGroup) -> str:
    controls = "".join(_control(button) for button in _group_buttons(group))
    return (
        f'<Group id="Markbook.{group.name}"><Label resid="{group.name}.Label"/>'
        f"{_icon(group.buttons[0].action)}{controls}</Group>"
    )


def _icon(action: str) -> str:
    images = (f'<bt:Image size="{s}" resid="{action}.{s}"/>' for s in SIZES)
    return f"<Icon>{''.join(images)}</Icon>"


def _control(button: RibbonButton) -> str:
    name = match_key(button.action)
    if button is _OPEN_PANE:
        action = (
            f'<Action xsi:type="ShowTaskpane"><TaskpaneId>{PANE}</TaskpaneId>'
            '<SourceLocation resid="Pane.Url"/></Action>'
        )
    else:
        action = (
            '<Action xsi:type="ExecuteFunction">'
            f"<FunctionName>{button.action}</FunctionName></Action>"
        )
    return (
        f'<Control xsi:type="Button" id="Markbook.{name}">'
        f'<Label resid="{button.action}.L"/>'
        f'<Supertip><Title resid="{button.action}.L"/>'
        f'<Description resid="{button.action}.T"/></Supertip>'
        f"{_icon(button.action)}{action}</Control>"
    )
