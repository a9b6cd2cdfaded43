"""The pages about digests say what the declarations say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netencoders import DigestError, NetEncoder, encoders
from netencoders.sentinels import Absent

ROOT = Path(__file__).parents[2]


def test_neutral_parameters_are_listed() -> None:
    """docs/decisions.md lists exactly the shipped parameters that declare a neutral value."""
    page = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    listed = page.partition("These parameters have a neutral value:")[2].partition(". The oth")[0]
    declared = {
        parameter.name
        for record in encoders().values()
        if record.provider.is_built_in
        for parameter in record.parameters
        if parameter.neutral is not Absent
    }
    assert declared == set(re.findall(r"(\w+)\s\(", listed))


def test_the_spec_of_the_page_is_compared() -> None:
    """The example in specs/README.md is a spec with a digest, of another version."""
    page = (ROOT / "specs" / "README.md").read_text("utf-8")
    text = page.partition("## State the digest")[2].partition("```yaml\n")[2].partition("```")[0]
    assert "digest: " in text
    with pytest.raises(DigestError, match="states the digest"):
        NetEncoder.from_yaml(text)
