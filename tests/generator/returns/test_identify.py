"""A markbook is identified by any of its copies, and only by a proved one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from generator.store import schema
from tests.generator.classroom import (
    Classroom,
)
from tests.generator.returns.test_check_rows import Parts, codes
from tests.generator.returns.test_merge import A


def drop_meta(parts: Parts) -> None:
    """What is left where a program throws away hidden sheets."""
    book = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(r'<sheet name="_meta"[^>]*/>', "", book).encode()


def drop_properties(parts: Parts) -> None:
    parts.pop("docProps/custom.xml", None)
    for name in ("_rels/.rels", "[Content_Types].xml"):
        text = re.sub(
            r"<(Relationship|Override)[^>]*custom[^>]*/>", "", parts[name].decode()
        )
        parts[name] = text.encode()


def drop_names(parts: Parts) -> None:
    book = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(
        r'<definedName name="_mb[^>]*>.*?</definedName>', "", book
    ).encode()


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([drop_properties, drop_names], []),
        ([drop_meta, drop_names], ["identity-repaired"]),
        ([drop_meta, drop_properties], ["identity-repaired"]),
    ],
)
def test_one_copy_of_the_identity_is_enough(
    classroom: Classroom, losses: list[Callable[[Parts], None]], expected: list[str]
) -> None:
    def lose(parts: Parts) -> None:
        for lose in losses:
            lose(parts)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=lose)
    assert codes(classroom.collect()) == expected
    assert classroom.maths(A) == "6"


def test_without_any_copy_a_markbook_is_refused(classroom: Classroom) -> None:
    def lose(parts: Parts) -> None:
        drop_meta(parts)
        drop_properties(parts)
        drop_names(parts)

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=lose)
    assert codes(classroom.collect()) == ["not-ours"]


def test_a_changed_identity_is_not_proved(classroom: Classroom) -> None:
    def forge(parts: Parts) -> None:
        drop_properties(parts)
        drop_names(parts)
        strings = parts["xl/sharedStrings.xml"]
        assert b"<t>10x/Ma1</t>" in strings
        parts["xl/sharedStrings.xml"] = strings.replace(
            b"<t>10x/Ma1</t>", b"<t>10y/Ma2</t>"
        )

    classroom.send("a.xlsx", filled={(A, "prediction"): "6"}, change=forge)
    assert codes(classroom.collect()) == ["not-proved"]


def test_another_schools_markbook_is_not_proved(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    (classroom.folder / ".markbooks-key").write_text("ab" * 32 + "\n")
    (problem,) = classroom.collect().problems
    assert problem.code == "not-proved"
    assert "10x/Ma1, AUT" in problem.what  # what it says, if it is to be believed


def test_an_issue_that_the_ledger_has_lost_is_refused(classroom: Classroom) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): "6"})
    store = classroom.store()
    with store.begin() as connection:
        connection.execute(schema.issued_rows.delete())
        connection.execute(schema.issues.delete())
    store.close()
    assert codes(classroom.collect()) == ["not-issued"]
