"""Make the golden arrays of the presets, and the table of docs/models.md.

    python tests/conformance/make_models.py           the arrays and the table
    python tests/conformance/make_models.py --page    only the table, from the arrays

The libraries have to be installed: .ci/run shows the commands.
"""

from __future__ import annotations

import argparse

from models.golden import save
from models.page import PAGE, update


def main() -> None:
    """Make the arrays and the table that the command line requests."""
    parser = argparse.ArgumentParser(description="Make the golden arrays of presets and a table.")
    parser.add_argument("--page", action="store_true", help="only the table")
    if not parser.parse_args().page:
        save()
    PAGE.write_text(update(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
