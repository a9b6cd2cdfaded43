"""docs/reliability.md names existing tests, and the defaults of the limits."""

import re
from dataclasses import fields
from pathlib import Path

from netencoders_audio import Limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def test_named_tests_exist():
    """Each row of the tables names an existing test."""
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    written = {
        name
        for path in ROOT.glob("tests/**/test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert set() == named - written
    tables = PAGE.partition("## Behaviour for each input")[2].partition("## Checked lengths")[0]
    rows = re.findall(
        r"^\| (?!input|--)[^|]*\|[^|]*\|([^|]*)\|$", tables.replace("|---", "|--"), re.M
    )
    assert len(rows) > 50
    assert [] == [row for row in rows if "`test_" not in row and "---" not in row]


def test_limits_are_documented():
    """The table of limits has every limit with its default."""
    for field in fields(Limits):
        assert f"`{field.name}`" in PAGE
        default = field.default
        words = (
            default if isinstance(default, frozenset) else [f"{default:g}", f"{default}", "2^36"]
        )
        matches = [str(word) in PAGE for word in words]
        assert all(matches) if isinstance(default, frozenset) else any(matches)
