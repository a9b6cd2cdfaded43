"""docs/layers.md documents every layer and every parameter."""

import re
from pathlib import Path

import pytest

from netencoders import LayerNotFoundError, NetLayer, ParameterError, layers

PAGE = (Path(__file__).parents[2] / "docs" / "layers.md").read_text("utf-8")
SHIPPED = {name: record for name, record in layers().items() if record.provider.is_built_in}


def test_overview_lists_every_layer():
    """The table of the page has a row for each layer, and no other name."""
    table = PAGE.partition("\n## Overview\n")[2].partition("\n## ")[0]
    assert sorted(SHIPPED) == sorted(re.findall(r"^\| \[`(\w+)`\]", table, re.MULTILINE))


@pytest.mark.parametrize("name", SHIPPED)
def test_section_of_a_layer_has_every_parameter(name):
    """The section of a layer has a row for each parameter, with its default."""
    section = PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    found = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, re.MULTILINE))
    assert [parameter.name for parameter in SHIPPED[name].parameters] == list(found)
    for parameter in SHIPPED[name].parameters:
        default = NetLayer(name).to_dict()[name][parameter.name]
        shown = found[parameter.name].strip("`").replace("\u2212", "-").replace('"', "")
        numbers = isinstance(default, float)
        assert (default if numbers else str(default)) == (float(shown) if numbers else shown)
    assert ">>> " in section


def test_name_of_another_library_gets_a_suggestion():
    """The error for a name of another library suggests the parameter of the same meaning."""
    with pytest.raises(ParameterError, match=r"'top_db'. Did you mean 'Below'"):
        NetLayer("DynamicRange", top_db=80)
    for name, expected in (("scale", "Factor"), ("bias", "Shift"), ("mean", "Shift")):
        with pytest.raises(ParameterError, match=f"Did you mean '{expected}'"):
            NetLayer("Affine", **{name: 2})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[("Pad", "FitRows"), ("Crop", "FitRows"), ("CMVN", "Standardize"), ("LogMel", "Log")],
        *[("Normalize", "Standardize"), ("Squeeze", "Reshape"), ("Flatten", "Reshape")],
        *[("Unsqueeze", "AddAxis"), ("Permute", "Transpose"), ("Decibel", "Log")],
    ],
)
def test_layer_of_another_library_gets_a_suggestion(name, expected):
    """The error for a layer of another library suggests the layer that does the same."""
    with pytest.raises(LayerNotFoundError, match=f"no layer '{name}'. Did you mean '{expected}'"):
        NetLayer(name)


def test_suggested_names_are_unique():
    """No layer has the name of another library as its own, and no two suggest the same."""
    others = [other.casefold() for record in SHIPPED.values() for other in record.layer.known_as]
    assert sorted(set(others)) == sorted(others)
    assert not {name.casefold() for name in SHIPPED} & set(others)
