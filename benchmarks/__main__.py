"""`python -m benchmarks [NAME…] [--rounds N]`: run these benchmarks, or all."""

from __future__ import annotations

import argparse
from importlib import import_module

# Names and modules. A benchmark is imported when it runs: worker processes import this
# file again, and must not load more than they need.
BENCHMARKS = {
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
    """Run the benchmarks named on the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    for wrong in set(args.names) - set(BENCHMARKS):
        parser.error(f"there is no {wrong!r}; there are: {', '.join(BENCHMARKS)}")
    for name in args.names or BENCHMARKS:
        import_module(f"benchmarks.{BENCHMARKS[name]}").run(args.rounds)


if __name__ == "__main__":
    main()
