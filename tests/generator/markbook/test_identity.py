"""A markbook is known again from any one of its copies, and only if it is ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.markbook.identity import (
    IDENTITY_PROPERTY,
    PIECE_LENGTH,
    Identity,
    SheetIdentity,
    make_issue_id,
    markbook_identity,
    row_tag,
)
from tests.generator.markbook import samples

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20
).filter(lambda text: text == text.strip() and "|" not in text)


@pytest.fixture
def identity() -> Identity:
    return markbook_identity(samples.whole_class(30), samples.KEY)


def copies(identity: Identity) -> dict[str, str]:
    pieces = enumerate(identity.pieces(), start=1)
    return {f"{IDENTITY_PROPERTY}_{number}": piece for number, piece in pieces}


def test_the_meta_sheet_reads_back_in_any_order(identity):
    rows = identity.rows()
    assert Identity.parse(dict(reversed(rows))) == identity
    assert Identity.parse({**dict(rows), "a row": "of ten years from now"}) == identity


@pytest.mark.parametrize("gone", ["mac", "sheets", "sheet.1.tags", "school"])
def test_a_meta_sheet_with_a_row_missing_is_none(identity, gone):
    rows = dict(identity.rows())
    del rows[gone]
    assert Identity.parse(rows) is None


def test_the_copy_is_in_pieces_that_every_place_can_hold(identity):
    pieces = identity.pieces()
    assert len(pieces) > 1
    assert all(len(piece) <= PIECE_LENGTH for piece in pieces)
    assert Identity.from_copies(copies(identity), IDENTITY_PROPERTY) == identity


def test_a_copy_in_quotes_as_a_defined_name_has_it_reads_the_same(identity):
    quoted = {name: f'="{piece}"' for name, piece in copies(identity).items()}
    assert Identity.from_copies(quoted, IDENTITY_PROPERTY) == identity


def test_a_copy_with_a_piece_missing_is_none(identity):
    found = copies(identity)
    del found[f"{IDENTITY_PROPERTY}_2"]
    assert Identity.from_copies(found, IDENTITY_PROPERTY) is None
    assert Identity.from_copies({}, IDENTITY_PROPERTY) is None
    assert (
        Identity.from_copies({f"{IDENTITY_PROPERTY}_1": "???"}, IDENTITY_PROPERTY)
        is None
    )


def test_the_seal_breaks_when_anything_under_it_is_changed(identity):
    assert identity.verify(samples.KEY)
    assert not identity.verify(b"another school's key")
    assert not replace(identity, collection="SPR").verify(samples.KEY)
    sheet = replace(identity.sheets[0], class_code="10x/Ma2")
    assert not replace(identity, sheets=(sheet,)).verify(samples.KEY)


def test_a_tag_says_nothing_without_the_key():
    assert row_tag(b"a", "mb1", "004001") != row_tag(b"b", "mb1", "004001")
    assert row_tag(b"a", "mb1", "004001") != row_tag(b"a", "mb2", "004001")
    assert len(row_tag(b"a", "mb1", "004001")) == 8


def test_an_issue_has_the_id_of_its_content():
    assert make_issue_id(["a", {"b": 1}]) == make_issue_id(["a", {"b": 1}])
    assert make_issue_id(["a"]) != make_issue_id(["b"])


@given(TEXT, TEXT, TEXT)
def test_any_class_of_any_school_is_known_again(school, code, subject):
    made_of = Identity(
        schema="markbook-1",
        school_id=school,
        academic_year="2026/27",
        collection="AUT",
        issued_at="2026-10-14T09:30:00",
        sheets=(SheetIdentity("Markbook", code, subject, "mb1", ("adno",), ("00",)),),
    ).sign(samples.KEY)
    assert Identity.parse(dict(made_of.rows())) == made_of
    assert Identity.from_copies(copies(made_of), IDENTITY_PROPERTY) == made_of
