"""`python -m benchmarks [NAME…] [--rounds N]`: run these, or all."""

from __future__ import annotations

import argparse
from importlib import import_module

# Names and modules. Workers import this file again: it must not begin to run, and
# must not load what only the other races need, or that is timed too.
RACES = {
    "writing": "writing",
    "issuing": "issuing",
    "reading": "reading",
    "measures": "measures",
    "targets": "targets",
    "school": "school",
    "packs": "packing",
    "addin": "addin",
}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RACES))
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    for wrong in set(asked.names) - set(RACES):
        parser.error(f"there is no {wrong!r}; there are: {', '.join(RACES)}")
    for name in asked.names or RACES:
        import_module(f"benchmarks.{RACES[name]}").run(asked.rounds)


if __name__ == "__main__":
    main()
