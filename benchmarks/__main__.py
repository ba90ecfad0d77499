"""`python -m benchmarks [NAME…] [--rounds N]`: run these, or all."""

from __future__ import annotations

import argparse

from benchmarks import (
    addin,
    issuing,
    measures,
    packing,
    reading,
    school,
    targets,
    writing,
)

RACES = {
    "writing": writing.run,
    "issuing": issuing.run,
    "reading": reading.run,
    "measures": measures.run,
    "targets": targets.run,
    "school": school.run,
    "packs": packing.run,
    "addin": addin.run,
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
        RACES[name](asked.rounds)


# Workers import this module again, and must not begin to run it.
if __name__ == "__main__":
    main()
