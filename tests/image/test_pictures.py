"""Images are drawn as images: by plot, and on the page of explain."""

import base64
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from made_images import content, naive, scene
from PIL import Image

from netencoders import ArraySpec, Axis, NetEncoder
from netencoders.pictures import drawing_problem, photograph
from netencoders.plot import plot

IMAGE = Image.fromarray(scene())
SIZE = (40, 24)


def stills(page):
    """Return the images of a page as arrays."""
    found = re.findall(r'class="still" alt="(\w+)" src="data:image/png;base64,([^"]+)"', page)
    return {
        name: np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for name, data in found
    }


@pytest.mark.parametrize("changes", [{}, {"Interleaving": True}, {"DataTransposed": True}])
def test_plot_shows_the_colours(changes):
    """The picture has the colours of the image, for any order of the dimensions."""
    axes = NetEncoder("Image", SIZE, **changes).plot(IMAGE, title="a photo")
    expected = (naive(IMAGE, SIZE).transpose(1, 2, 0) * 255).round().astype(np.uint8)
    np.testing.assert_array_equal(expected, axes.images[0].get_array())
    assert ("column in pixels", "row in pixels", "a photo") == (
        axes.get_xlabel(),
        axes.get_ylabel(),
        axes.get_title(),
    )
    assert [axes] == axes.figure.axes, "there is no colour bar"
    assert axes.yaxis_inverted(), "the first row is at the top"


def test_gray_integers_and_normalized_images_are_drawn():
    """Gray has three equal channels, integers are colours, and other values are scaled."""
    gray = NetEncoder("Image", SIZE, ColorSpace="Grayscale", NumberType="uint8")
    cells = photograph(gray(IMAGE), gray.output)
    np.testing.assert_array_equal(gray(IMAGE)[0], cells[:, :, 2])
    changed = NetEncoder("Image", SIZE, MeanImage=0.5, VarianceImage=0.25)
    array = changed(IMAGE)
    cells = photograph(array, changed.output)
    expected = (array - array.min()) / (array.max() - array.min()) * 255
    np.testing.assert_allclose(cells.transpose(2, 0, 1), expected, rtol=0, atol=0.51)
    flat = photograph(np.full(array.shape, 7, np.float32), changed.output)
    assert 0 == flat.max()


def test_images_of_four_channels_are_not_drawn():
    """CMYK has no colours of a screen."""
    form = NetEncoder("Image", ColorSpace="CMYK").output
    assert "arrays of 3 dimensions cannot be drawn" in drawing_problem(form)
    axes = (Axis("a"), Axis("row"), Axis("column"))
    assert drawing_problem(ArraySpec((3, 4, 5), axes=axes)) is not None


def test_page_shows_each_stage_as_an_image():
    """The stages are the decoded image, its colours, the resized image, and the array."""
    encoder = NetEncoder("Image", (30, 30), Method="Fill", ColorSpace="Grayscale")
    page = encoder.explain(content(IMAGE))
    names = [stage.name for stage in page.stages[0]]
    assert ["Decode", "Color", "Resize", "Image"] == names
    shown = stills(page.html)
    np.testing.assert_array_equal(scene(), shown["Decode"])
    np.testing.assert_array_equal(np.asarray(IMAGE.convert("L")), shown["Color"][:, :, 0])
    assert (30, 38, 3) == shown["Resize"].shape
    assert (30, 30, 3) == shown["Image"].shape
    plot(encoder(content(IMAGE)), encoder.output)


def test_deep_and_large_images_are_shown():
    """Images of 16 bits are scaled, and some rows and columns of large ones are left out."""
    deep = np.full((9, 11), 32896, np.uint16)
    page = NetEncoder("Image").explain(deep)
    assert 128 == stills(page.html)["Decode"].max()
    wide = np.zeros((3, 2500), np.uint8)
    assert (1, 834, 3) == stills(NetEncoder("Image").explain(wide).html)["Decode"].shape
    cmyk = NetEncoder("Image", ColorSpace="CMYK").explain(IMAGE.convert("CMYK"))
    assert {} == stills(cmyk.html)
    assert "arrays of 3 dimensions cannot be drawn" in cmyk.html


def test_command_draws_images(tmp_path):
    """The commands plot and explain draw a photograph."""
    (tmp_path / "photo.png").write_bytes(content(IMAGE))
    for command, out in (("plot", "photo.svg"), ("explain", "photo.html")):
        run = [sys.executable, "-m", "netencoders", command, "photo.png", "-e", "Image", "-o", out]
        subprocess.run(run, cwd=tmp_path, check=True)
        assert (tmp_path / out).stat().st_size > 1000
