"""The pages about digests agree with the declarations."""

from __future__ import annotations

import re
from pathlib import Path

from netencoders import encoders
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
