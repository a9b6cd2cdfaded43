"""The picture of the audio encoders in the README: the script that draws it works."""

import importlib.util
from pathlib import Path

import pytest
from PIL import Image

from netencoders import encoders

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.fixture(scope="module")
def family():
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("family", IMAGES / "family.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_picture_has_a_panel_for_every_encoder(family):
    """The picture has a panel for each encoder of audio that ships."""
    shipped = [
        name
        for name, record in encoders().items()
        if record.provider.distribution == "netencoders"
        and not record.derived_from
        and "SampleRate" in {parameter.name for parameter in record.parameters}
    ]
    assert shipped == sorted(family.NAMES)


def test_picture_has_the_size_of_the_one_in_the_repository(family, tmp_path):
    """The script draws a picture of the size in the repository, and the file is small."""
    family.draw(tmp_path / "family.png")
    with Image.open(tmp_path / "family.png") as written, Image.open(IMAGES / "family.png") as shown:
        assert shown.size == written.size
    assert (IMAGES / "family.png").stat().st_size < 300_000
