"""Documents name only what exists: modules, files and headings."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.project import (
    DOCUMENTS,
    MODULES,
    PACKAGES,
    ROOT,
    TEST_MODULES,
    for_each,
    read,
)

LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)[^)]*\)")
CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
TOPS = "|".join((*PACKAGES, "tests", "benchmarks"))
PATH_NAME = re.compile(rf"`((?:{TOPS})/[\w./-]+)")
DOTTED_NAME = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)")
# Needs a running server to be imported.
NOT_IMPORTABLE = ("addin.pane", "addin.office")


def slugs(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub forms them."""
    anchors: set[str] = set()
    text = CODE_BLOCK.sub("", text)
    anchors.update(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        anchor, number = slug, 0
        while anchor in anchors:
            number += 1
            anchor = f"{slug}-{number}"
        anchors.add(anchor)
    return anchors


def exists(name: str) -> bool:
    """Whether a dotted name is a module or an attribute of one."""
    if name.startswith(NOT_IMPORTABLE):
        path = ROOT / name.replace(".", "/")
        return path.exists() or path.with_suffix(".py").exists()
    module, attributes = name, []
    while True:
        try:
            if find_spec(module):
                break
        except ModuleNotFoundError:
            pass
        module, _, attribute = module.rpartition(".")
        attributes.insert(0, attribute)
    target = import_module(module)
    for attribute in attributes:
        if not hasattr(target, attribute):
            return False
        target = getattr(target, attribute)
    return True


@for_each(DOCUMENTS)
def test_every_relative_link_leads_to_a_file_and_heading(path):
    for target in LINK.findall(CODE_BLOCK.sub("", read(path))):
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        assert (ROOT / file).exists(), target
        if anchor and file.suffix == ".md":
            assert anchor in slugs(read(file)), target


@for_each(DOCUMENTS)
def test_every_path_in_a_document_exists(path):
    for name in PATH_NAME.findall(read(path)):
        assert (ROOT / name.rstrip(".")).exists(), name


@for_each([*DOCUMENTS, *MODULES, *TEST_MODULES])
def test_every_dotted_name_of_the_project_exists(path: Path) -> None:
    names = {name.rstrip(".") for name in DOTTED_NAME.findall(read(path))}
    assert not [name for name in sorted(names) if not exists(name)]
