"""Turn documents into tagged PDF files; the engine is one compiler a process."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from generator.files import publish
from generator.reports.document import Document
from generator.reports.font_letters import template_folder
from udfs.errors import MarkbookError

if TYPE_CHECKING:
    import typst

STANDARD: Literal["ua-1"] = "ua-1"  # a missing alternative text is then an error
MODULES = ("typst", "fontTools", "pikepdf")


class NoEngine(MarkbookError):
    """The library that writes PDF files is not installed."""


class NotPrinted(MarkbookError):
    """A document that the engine could not print."""


@dataclass(frozen=True, slots=True)
class PaperJob:
    """One document to print, and its file.

    Args:
        document: The document.
        path: The file.
        password: The password to encrypt it with; empty for none.
    """

    document: Document
    path: Path
    password: str = ""


def need_engine() -> None:
    """Refuse to go on without the libraries of the extra `reports`.

    Raises:
        NoEngine: If they are missing.
    """
    if any(find_spec(name) is None for name in MODULES):
        raise NoEngine(
            "Reports cannot be written: the library for PDF files is not installed.",
            'In the folder of Markbooks run: pip install ".[reports]"',
        )


@cache
def edition() -> str:
    """What decides the bytes beside the content: templates, fonts and engine."""
    need_engine()
    digest = hashlib.sha256(version("typst").encode())
    for path in sorted(template_folder().rglob("*")):
        if path.suffix in (".typ", ".ttf"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _compiler(template: str) -> typst.Compiler:
    import typst

    folder = template_folder()
    return typst.Compiler(
        str(folder / f"{template}.typ"),
        root=str(folder),
        font_paths=[str(folder / "fonts")],
        ignore_system_fonts=True,
    )


def print_document(document: Document) -> bytes:
    """The PDF file of a document.

    Raises:
        NotPrinted: If the engine refuses it, or warns.
    """
    import typst

    try:
        pdf, warnings = _compiler(document.template).compile_with_warnings(
            format="pdf",
            sys_inputs={"d": json.dumps(document.content, ensure_ascii=False)},
            pdf_standards=STANDARD,
        )
    except typst.TypstError as error:
        raise NotPrinted(
            f"{document.file} cannot be printed ({error.message}).",
            "Report this: the template does not fit what it is to print.",
        ) from None
    if warnings:
        raise NotPrinted(
            f"{document.file} cannot be printed ({warnings[0]}).",
            "Report this: the template does not fit what it is to print.",
        )
    assert isinstance(pdf, bytes)  # one format, so no list of pages
    return pdf


def write_document(job: PaperJob) -> tuple[str, str]:
    """Print a document and write its file.

    Returns:
        The digest of the file, and why it was not written; one of them is empty.
    """
    try:
        pdf = print_document(job.document)
    except NotPrinted as error:
        return "", error.what
    if job.password:
        pdf = _encrypted(pdf, job.password)
    publish(job.path, pdf)
    return hashlib.sha256(pdf).hexdigest(), ""


def _encrypted(pdf: bytes, password: str) -> bytes:
    """A PDF file that the password opens (AES, 256 bits)."""
    import pikepdf

    data = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as plain:
        plain.save(
            data, encryption=pikepdf.Encryption(user=password, owner=password, R=6)
        )
    return data.getvalue()


def load_engine() -> None:
    """Load the engine, so that a process has it when work comes."""
    import_module("typst")
