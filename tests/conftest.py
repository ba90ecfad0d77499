"""Fixtures for all tests: a moment, small schools, golden texts."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from generator.demo.demo_report import DemoReport
from generator.demo.scenario import run_demo

collect_ignore = ["office_bridge.py"]  # runs in LibreOffice's own Python

GOLDEN = Path(__file__).parent / "golden"
LONGEST_DIFF = 120  # lines
# These tests share a school that takes long to make, so one worker runs them all.
SHARED_SCHOOL = ("tests/recount/", "tests/generator/demo/test_scenario.py")
DEMO_DAY = datetime(2026, 11, 22, 9, 30)
DEMO_PUPILS = 30  # of each year
VALIDATOR = Path(__file__).parent / "node/node_modules/.bin/ooxml-validator"

# `make test` draws the same examples each time; `pytest --hypothesis-profile
# search` draws new ones, and more of them.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("ci")

PUPILS = """\
Adno,UPN,Surname,Forename,Legal Sex,Year,Reg,PP,SEN,EAL,Ethnicity,LAC,FSM Ever 6
000101,L801400120001,Adeyemi,Tunde,M,Year 10,10A,Y,N,N,BAFR,N,Y
000102,A801400120002,Brown,Alice,F,Year 10,10A,N,N,N,WBRI,N,N
000103,P801400120003,Brown,Alice,F,Year 10,10B,N,K,N,WBRI,N,N
000104,D801400120004,Khan,Zara,F,Year 10,10A,N,N,Y,APKN,N,N
000105,T801400120005,Łukasz,Jan,M,Year 10,10B,N,N,Y,WEEU,N,N
000106,G801400120006,May,April,F,Year 10,10A,Y,N,N,WBRI,Y,Y
000107,W801400120007,Nguyễn,Minh,M,Year 10,10B,N,N,Y,OOTH,N,N
000108,K801400120008,Null,Oscar,M,Year 10,10A,N,E,N,WBRI,N,N
000109,Z801400120009,O'Neill,Siobhán,F,Year 10,10B,Y,N,N,WIRI,N,Y
000110,K801400120010,Patel,Dev,M,Year 10,10A,N,N,N,AIND,N,N
000111,Z801400120011,True,Grace,F,Year 10,10B,N,N,N,WBRI,N,N
000112,N801400120012,van-der-Berg,Lotte,F,Year 10,10A,N,N,N,WOTH,N,N
"""

# Null has no scores; True was not assessed in reading, which stands at N.
SCORES = """\
UPN,KS2 Reading Scaled Score,KS2 Maths Scaled Score
L801400120001,97,101
A801400120002,113,110
P801400120003,92,95
D801400120004,104,99
T801400120005,88,108
G801400120006,95,93
W801400120007,101,118
Z801400120009,106,100
K801400120010,109,115
Z801400120011,N,85
N801400120012,100,102
"""

CLASSES = """\
Class,Subject,Year,Teacher
10x/Ma1,Mathematics,10,ABA
10x/En1,English (Language and Literature),10,COH
10x/En1,English (Language and Literature),10,ABA
"""

IN_MATHS = range(1, 10)  # the last three figures of Adno less 100
IN_ENGLISH = range(4, 13)

STAFF = """\
Code,Name,Email
ABA,Ms R Abara,aba@school.example
COH,Mr D Cohen,coh@school.example
"""

ROLES = """\
Staff,Role,Scope
ABA,head of department,Mathematics
COH,head of department,English
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden texts anew; read the diff before you commit",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if group := _worker_group(item):
            item.add_marker(pytest.mark.xdist_group(group))


def _worker_group(item: pytest.Item) -> str | None:
    """The group of tests that one worker runs with this one; None: any worker."""
    if item.get_closest_marker("office"):
        return "office"  # one LibreOffice at a time
    if "server" in getattr(item, "fixturenames", ()):
        return "server"
    return "demo" if item.nodeid.startswith(SHARED_SCHOOL) else None


@dataclass(frozen=True)
class DemoRun:
    """A run of the demonstration: its report and its progress messages."""

    report: DemoReport
    progress: list[tuple[int, int, str]]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """`markbook demo` of a small school of all years; tests must not change it."""
    progress: list[tuple[int, int, str]] = []
    report = run_demo(
        tmp_path_factory.mktemp("demo") / "school",
        now=DEMO_DAY,
        who="Demo",
        pupils_per_year=DEMO_PUPILS,
        progress=lambda *args: progress.append(args),
    )
    return DemoRun(report, progress)


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment of the tests: a Wednesday in the first collection."""
    return datetime(2026, 10, 14, 9, 30)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a text with `tests/golden/NAME`, or write it (--update-golden)."""

    def check(name: str, text: str, folder: Path = GOLDEN) -> None:
        path = folder / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            return
        if not path.exists():
            pytest.fail(
                f"There is no {folder.name}/{name} yet. Run with --update-golden."
            )
        expected = path.read_bytes().decode()
        if text == expected:
            return
        diff = list(
            difflib.unified_diff(
                expected.splitlines(),
                text.splitlines(),
                f"{folder.name}/{name}",
                "this run",
                lineterm="",
                n=2,
            )
        )
        more = len(diff) - LONGEST_DIFF
        tail = [f"… and {more} lines more"] if more > 0 else []
        pytest.fail(
            "\n".join(
                [
                    *(diff[:LONGEST_DIFF] or ["only line ends differ"]),
                    *tail,
                    "If this is meant, run with --update-golden and read the diff.",
                ]
            ),
            pytrace=False,
        )

    return check


@pytest.fixture
def tiny_exports(tmp_path: Path) -> Path:
    """A folder of exports: 12 pupils, 2 classes, 18 memberships, 2 staff.

    One class is co-taught and covers two subjects; one pupil has no scores;
    two share a name; names that hurt are among them.
    """
    folder = tmp_path / "tiny-exports"
    folder.mkdir()
    upns = [line.split(",")[1] for line in PUPILS.splitlines()[1:]]
    rows = ["Class,UPN"]
    rows += [f"10x/Ma1,{upns[number - 1]}" for number in IN_MATHS]
    rows += [f"10x/En1,{upns[number - 1]}" for number in IN_ENGLISH]
    for name, text in {
        "pupils.csv": PUPILS,
        "ks2.csv": SCORES,
        "classes.csv": CLASSES,
        "memberships.csv": "\n".join(rows) + "\n",
        "staff.csv": STAFF,
        "roles.csv": ROLES,
    }.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def tiny_school(tmp_path: Path, tiny_exports: Path) -> Path:
    """A school folder of `tiny_exports`, with one collection, open at `now`."""
    folder = tmp_path / "tiny-school"
    folder.mkdir()
    (folder / "school.toml").write_text(
        '[school]\nname = "Tiny School"\nurn = 100001\nacademic_year = "2026/27"\n\n'
        '[[collections]]\ncode = "AUT"\nname = "Autumn"\nyears = [10]\n'
        "opens = 2026-10-12\ncloses = 2026-10-23\n",
        encoding="utf-8",
    )
    shutil.copytree(tiny_exports, folder / "exports")
    return folder


@pytest.fixture(scope="session")
def _drafted_school(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Path:
    # Imported here: most tests need none of this, and start sooner without.
    from generator import workflow
    from generator.demo.write_exports import write_exports
    from generator.school.school import School

    folder = tmp_path_factory.mktemp("drafted") / "school"
    workflow.new(folder, today=now.date())
    write_exports(folder / "exports", pupils_per_year=12, today=now.date())
    school = School.load(folder)
    workflow.import_exports(school, [], now=now, who="HAR")
    workflow.draft_targets(school, now=now, who="HAR")
    return folder


@pytest.fixture
def demo_school(_drafted_school: Path, tmp_path: Path) -> Path:
    """A school folder of the demo's kind, 12 pupils a year, imported and drafted.

    Its collections are those of `markbook new`; `AUT` is open at `now`.
    """
    return Path(shutil.copytree(_drafted_school, tmp_path / "demo-school"))


@pytest.fixture
def office_faults() -> Callable[[Path], list[str]]:
    """The errors that Microsoft's validator finds in a workbook."""
    if not VALIDATOR.exists():
        pytest.skip("the validator is not installed: bash tests/prepare.sh node")

    def faults(path: Path) -> list[str]:
        run = subprocess.run(
            [str(VALIDATOR), str(path)], capture_output=True, text=True, timeout=120
        )
        if run.returncode == 2:
            pytest.skip(f"the validator does not run here: {run.stderr[:200]}")
        return [
            f"{error['path']} {error['xPath']}: {error['description']}"
            for error in json.loads(run.stdout)["errors"]
        ]

    return faults
