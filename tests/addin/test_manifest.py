"""The manifest, checked against the rules of Office."""

from __future__ import annotations

import dataclasses
import re
import uuid
import xml.etree.ElementTree as ET

import pytest

from addin import manifest as manifest_module
from addin.manifest import ORIGIN, functions_digest, manifest
from addin.ribbon import buttons

KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"
ORDER = [
    "Id", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description",
    "IconUrl", "HighResolutionIconUrl", "SupportUrl", "AppDomains", "Hosts",
    "Requirements", "DefaultSettings", "Permissions", "VersionOverrides",
]  # fmt: skip
PERMISSIONS = {"Restricted", "ReadDocument", "ReadWriteDocument"}
KINDS = {
    "Control": {"Button", "Menu"},
    "Action": {"ExecuteFunction", "ShowTaskpane"},
    "ExtensionPoint": {"PrimaryCommandSurface", "CustomFunctions"},
}
LONGEST = {"ShortStrings": 125, "LongStrings": 250}


def local(element):
    return element.tag.partition("}")[2]


def faults(data):
    """Everything that Office would reject."""
    try:
        tree = ET.fromstring(data)
    except ET.ParseError as error:
        return [f"not XML: {error}"]
    problems = []
    names = [local(element) for element in tree]
    if names != ORDER:
        problems.append(f"parts or their order: {set(ORDER) ^ set(names)}")
    texts = {local(element): element.text or "" for element in tree}
    try:
        uuid.UUID(texts.get("Id", ""))
    except ValueError:
        problems.append("Id is no GUID")
    if not re.fullmatch(r"\d{1,5}(\.\d{1,5}){1,3}", texts.get("Version", "")):
        problems.append("Version")
    if texts.get("Permissions") not in PERMISSIONS:
        problems.append("Permissions")
    resources = {}
    for group in tree.iter():
        if local(group) not in ("Images", "Urls", "ShortStrings", "LongStrings"):
            continue
        for resource in group:
            name, value = resource.get("id", ""), resource.get("DefaultValue", "")
            if name in resources:
                problems.append(f"{name} twice")
            resources[name] = value
            if len(name) > 32:
                problems.append(f"{name} is longer than 32")
            if len(value) > LONGEST.get(local(group), 2048):
                problems.append(f"{name} is too long")
    used = [e.get("resid") for e in tree.iter() if e.get("resid")]
    problems += [f"no resource {name}" for name in used if name not in resources]
    problems += [f"unused {name}" for name in resources if name not in used]
    for element in tree.iter():
        if "http:" in (element.get("DefaultValue") or "")[:5]:
            problems.append(f"not https: {element.get('DefaultValue')}")
        allowed = KINDS.get(local(element))
        if allowed and element.get(KIND) not in allowed:
            problems.append(f"{local(element)} {element.get(KIND)}")
        if local(element) == "Icon":
            sizes = {image.get("size") for image in element}
            if not {"16", "32", "80"} <= sizes:
                problems.append(f"icon sizes {sizes}")
    ids = [
        e.get("id")
        for e in tree.iter()
        if local(e) in ("Control", "Group", "CustomTab")
    ]
    problems += [f"id {name} twice" for name in set(ids) if ids.count(name) > 1]
    actions = {button.action for button in buttons()}
    called = {e.text for e in tree.iter() if local(e) == "FunctionName"}
    problems += [f"no action {name}" for name in called ^ actions]
    return problems


def test_the_manifest_has_no_fault():
    assert faults(manifest()) == []
    assert faults(manifest("https://markbook.example")) == []
    assert manifest() == manifest()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"</OfficeApp>", b"</Office>", "not XML"),
        (b"<Id>6f0e", b"<Id>xyz-", "Id is no GUID"),
        (b"<Version>1.", b"<Version>one.", "Version"),
        (b"ReadWriteDocument", b"Everything", "Permissions"),
        (b'xsi:type="Button"', b'xsi:type="Buton"', "Control Buton"),
        (b'<Label resid="issue.L"', b'<Label resid="isue.L"', "no resource isue.L"),
        (b'id="issue.L"', b'id="check.L"', "check.L twice"),
        (b'size="80"', b'size="64"', "icon sizes"),
        (b'id="Markbook.chase"', b'id="Markbook.issue"', "id Markbook.issue twice"),
        (b"<FunctionName>chase<", b"<FunctionName>chaise<", "no action chaise"),
        (b'DefaultValue="https:', b'DefaultValue="http:', "not https"),
        (b"<Hosts><Host Name", b"<Host><Host Name", "not XML"),
        (b'<SupportUrl Def', b'<Support Def', "parts or their order"),
        (b'DefaultValue="Issue"', b'DefaultValue="' + b"I" * 126 + b'"', "too long"),
        (b'id="Start.Title"', b'id="Start.Title' + b"x" * 22 + b'"', "longer than 32"),
    ],
)  # fmt: skip
def test_the_check_finds_each_planted_mistake(old, new, problem):
    damaged = manifest().replace(old, new)
    assert damaged != manifest()
    assert any(problem in fault for fault in faults(damaged)), faults(damaged)


def test_the_manifest_names_its_own_server_only():
    text = manifest("https://localhost:9000").decode()
    assert ORIGIN not in text
    assert text.count("https://localhost:9000") > 10


def test_a_new_version_and_new_functions_are_fetched_again(monkeypatch):
    """Excel keeps the functions' description under its address and version."""
    before = manifest()
    digest = functions_digest().encode()
    assert before.count(b"?v=" + digest) == 2  # of the script and the description
    monkeypatch.setattr(manifest_module, "version", lambda name: "7.8.9")
    assert b"<Version>1.7.8.9</Version>" in manifest()
    flag = manifest_module.FUNCTIONS["FLAG"]
    fewer = {"FLAG": dataclasses.replace(flag, summary="Another text.")}
    monkeypatch.setattr(manifest_module, "FUNCTIONS", fewer)
    assert functions_digest().encode() != digest
    assert digest not in manifest()
