"""Make the golden arrays, their PROVENANCE.md, and the tables of docs/conventions.md.

    python tests/conformance/make_golden.py             all libraries
    python tests/conformance/make_golden.py librosa     only the given ones
    python tests/conformance/make_golden.py --page      only PROVENANCE.md and the tables

The libraries have to be installed: pip install -e ".[test,parity]" (.ci/run shows the commands).
"""

from __future__ import annotations

import argparse

from cannot import CANNOT
from golden import load, save
from page import LIBRARIES, PAGE, PROVENANCE, measured, provenance, update
from rows import ROWS


def main() -> None:
    """Make the arrays and texts that the command line requests."""
    parser = argparse.ArgumentParser(description="Make golden arrays and the texts about them.")
    parser.add_argument("libraries", nargs="*", metavar="library", help=", ".join(LIBRARIES))
    parser.add_argument("--page", action="store_true", help="only the texts about them")
    arguments = parser.parse_args()
    if unknown := set(arguments.libraries) - set(LIBRARIES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for library in () if arguments.page else arguments.libraries or LIBRARIES:
        rows = (*ROWS, *CANNOT)
        save(library, {row.name: row.call for row in rows if row.library == library})
    load.cache_clear()
    PROVENANCE.write_text(provenance(), "utf-8")
    PAGE.write_text(update(PAGE.read_text("utf-8"), measured()), "utf-8")


if __name__ == "__main__":
    main()
