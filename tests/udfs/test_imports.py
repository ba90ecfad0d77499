"""Rules for one pupil, mark or cell load neither pandas nor numpy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The modules that work on whole tables; every other module is a scalar rule.
TABLE_MODULES = {
    "udfs.excel.functions",
    "udfs.excel.headings",
    "udfs.excel.selection",
    "udfs.measures.attainment8",
    "udfs.measures.attainment8_gains",
    "udfs.measures.carried_measures",
    "udfs.measures.carrying",
    "udfs.measures.disclosure",
    "udfs.measures.entries",
    "udfs.measures.flag_columns",
    "udfs.measures.group_members",
    "udfs.measures.group_summaries",
    "udfs.measures.intervention_comparison",
    "udfs.measures.intervention_effects",
    "udfs.measures.prediction_accuracy",
    "udfs.measures.progress8",
    "udfs.measures.pupil_measures",
    "udfs.measures.residuals",
    "udfs.scales.grade_levels",
    "udfs.statistics.arrays",
    "udfs.statistics.cross_tabulation",
    "udfs.statistics.inference",
    "udfs.statistics.secondary_suppression",
    "udfs.statistics.student",
    "udfs.statistics.suppression",
    "udfs.targets.draft_table",
    "udfs.targets.ratchet",
    "udfs.targets.review",
    "udfs.targets.totals",
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "udfs").rglob("*.py")
}
SCRIPT = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded = sorted({"pandas", "numpy"} & {*sys.modules})
    assert not loaded, f"{name} loads {loaded}"
"""


def test_the_table_modules_exist():
    assert TABLE_MODULES <= MODULES


def test_scalar_rules_load_neither_pandas_nor_numpy():
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, *sorted(MODULES - TABLE_MODULES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
