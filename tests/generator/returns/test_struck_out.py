"""Marks that are struck out in the cell, in whole or in part, are questions."""

from __future__ import annotations

import pytest

from tests.generator.classroom import Classroom

A, B = "000101", "000102"
SHARED, SHEET = "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml"


def inline(*runs: tuple[str, str]) -> str:
    """A cell of runs, each with the tag that strikes it out, or none."""
    xml = "".join(f"<r><rPr><b/>{tag}</rPr><t>{text}</t></r>" for tag, text in runs)
    return f'< t="inlineStr"><is>{xml}</is>'


@pytest.mark.parametrize(
    ("runs", "fault", "remedy"),
    [
        (
            [("", "A"), ("<strike/>", "*")],
            "'A*' is partly struck out; what is left is 'A'.",
            "Type the value that counts, without what is struck out.",
        ),
        (
            [("<strike/>", "5"), ("", "4")],
            "'54' is partly struck out; what is left is '4'.",
            "If you mean 4, type that alone.",
        ),
        (
            [('<strike val="1"/>', "7"), ("", " 6")],
            "'7 6' is partly struck out; what is left is '6'.",
            "If you mean 6, type that alone.",
        ),
        (
            [('<strike val="true"/>', "5")],
            "'5' is struck out.",
            "Empty the cell, or type the value that counts, not struck out.",
        ),
    ],
)
def test_a_struck_run_is_a_question(
    classroom: Classroom, runs: list[tuple[str, str]], fault: str, remedy: str
) -> None:
    classroom.send(
        "a.xlsx", filled={(A, "prediction"): inline(*runs), (B, "prediction"): "5"}
    )
    report = classroom.collect()
    (problem,) = report.problems
    assert (problem.code, problem.what, problem.do) == ("struck-out", fault, remedy)
    assert classroom.maths(A) is None
    assert classroom.maths(B) == "5"


def test_a_struck_run_of_a_shared_text_is_a_question(classroom: Classroom) -> None:
    item = b"<si><r><rPr><strike/></rPr><t>5</t></r><r><t>4</t></r></si></sst>"

    def share(parts: dict[str, bytes]) -> None:
        number = parts[SHARED].count(b"<si>")
        parts[SHARED] = parts[SHARED].replace(b"</sst>", item)
        parts[SHEET] = parts[SHEET].replace(
            b"><v>777</v>", b' t="s"><v>%d</v>' % number
        )

    classroom.send("a.xlsx", filled={(A, "prediction"): 777}, change=share)
    (problem,) = classroom.collect().problems
    assert problem.code == "struck-out"
    assert "'4'" in problem.what


@pytest.mark.parametrize("value", ["5", 5])
def test_a_cell_that_is_struck_out_as_a_whole_is_a_question(
    classroom: Classroom, value: object
) -> None:
    def strike(parts: dict[str, bytes]) -> None:
        """Strike out the font of every cell that can be filled in."""
        styles = parts["xl/styles.xml"]
        fonts, end, rest = styles.partition(b"</fonts>")
        parts["xl/styles.xml"] = fonts.replace(b"<sz", b"<strike/><sz") + end + rest

    classroom.send("a.xlsx", filled={(A, "prediction"): value}, change=strike)
    (problem,) = classroom.collect().problems
    assert (problem.code, problem.what) == ("struck-out", "'5' is struck out.")


@pytest.mark.parametrize(
    "runs",
    [
        [("", "6")],
        [('<strike val="0"/>', "6")],
        [('<strike val="false"/>', "6")],
        [("<strike/>", " "), ("", "6")],
        [("<u/>", "6")],
    ],
)
def test_what_is_not_struck_out_is_read(
    classroom: Classroom, runs: list[tuple[str, str]]
) -> None:
    classroom.send("a.xlsx", filled={(A, "prediction"): inline(*runs)})
    assert classroom.collect().problems == ()
    assert classroom.maths(A) == "6"


def test_a_locked_cell_may_be_struck_out(classroom: Classroom) -> None:
    """A name that is struck out says nothing of the marks beside it."""
    classroom.send(
        "a.xlsx",
        filled={(A, "surname"): inline(("<strike/>", "Adeyemi")), (A, "effort"): "2"},
    )
    report = classroom.collect()
    assert "struck-out" not in {problem.code for problem in report.problems}
    assert classroom.maths(A, "effort") == "2"


def test_a_tick_box_is_praise_where_it_is_ticked(classroom: Classroom) -> None:
    boxes = {
        (A, "praise"): '< t="b"><v>1</v>',
        (B, "praise"): '< t="b"><v>0</v>',
        ("000103", "praise"): "x",
        ("000104", "praise"): 1,
        ("000105", "praise"): "☐",
    }
    classroom.send("a.xlsx", filled=boxes)
    report = classroom.collect()
    assert report.problems == ()
    praised = {adno for adno, _, field in classroom.marks() if field == "praise"}
    assert praised == {A, "000103", "000104"}
    assert set(classroom.marks().values()) == {"Yes"}


@pytest.mark.parametrize("box", ['< t="b"><v>0</v>', "FALSE", "☐"])
def test_praise_that_is_unticked_is_asked_about(classroom: Classroom, box: str) -> None:
    classroom.send("a.xlsx", filled={(A, "praise"): "Yes"})
    classroom.collect()
    classroom.issue_again("10x/Ma1")
    classroom.send("b.xlsx", filled={(A, "praise"): box, (A, "effort"): "2"})
    (problem,) = classroom.collect().problems
    assert (problem.code, problem.severity) == ("not-ticked", "warning")
    assert "Clear" in problem.do
    assert classroom.maths(A, "praise") == "Yes"
