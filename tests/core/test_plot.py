"""Pictures of encoded arrays."""

import io
import sys

import numpy as np
import pytest

from netencoders import ArraySpec, Axis, NetEncodersError, Varying
from netencoders.plot import FORMATS, new_figure, plot, save

AXES = (Axis("time", "s", step=0.5, start=0.25), Axis("frequency", "Hz", step=100.0))


def spectrum(quantity="power", columns=3, dtype="float32"):
    """Return the form of a small spectrogram."""
    return ArraySpec((Varying, columns), dtype, AXES, quantity)


@pytest.mark.parametrize(("quantity", "decibels"), [("power", 10), ("magnitude", 20)])
def test_decibels(quantity, decibels):
    """Power and magnitude are shown in decibels relative to the maximum, 80 at most."""
    array = np.array([[100, 10, 1], [1e-30, 0, 100]], np.float32)
    image = plot(array, spectrum(quantity)).images[0]
    one, two = -decibels, -2 * decibels
    assert [[0, one, two], [-80, -80, 0]] == image.get_array().T.round(4).tolist()
    assert (-80, 0) == image.get_clim()


def test_axes():
    """Time runs across and frequency up, each cell in the middle of its coordinate."""
    ax = plot(np.ones((4, 3), np.float32), spectrum(), title="a $b$ c")
    labels = [ax.get_xlabel(), ax.get_ylabel(), ax.get_title()]
    assert ["time in s", "frequency in Hz", "a $b$ c"] == labels
    assert [0.0, 2.0, -50.0, 250.0] == list(ax.images[0].get_extent())
    assert "lower" == ax.images[0].origin
    assert "power in dB relative to the maximum" == ax.images[0].colorbar.ax.get_ylabel()


@pytest.mark.parametrize("quantity", ["power", "magnitude"])
@pytest.mark.parametrize("value", [0, 1e-45, np.nan, np.inf, 3e38])
def test_extremes(quantity, value):
    """Silence, denormal and non-finite values are drawn without a warning."""
    ax = plot(np.full((2, 3), value, np.float32), spectrum(quantity))
    assert "PNG" in _saved(ax.figure, "png")[1:4].decode()


def test_silence_is_the_floor():
    """Silence is 80 dB below."""
    ax = plot(np.zeros((2, 3), np.float32), spectrum())
    assert [-80.0] == np.unique(ax.images[0].get_array()).tolist()


def test_other_quantities():
    """Values that are no power keep their scale."""
    array = np.array([[-5, 2, 3]], np.float32)
    image = plot(array, spectrum("coefficient")).images[0]
    assert array.T.tolist() == image.get_array().tolist()
    assert "coefficient" == image.colorbar.ax.get_ylabel()


@pytest.mark.parametrize("dims", [(Varying, 1), (Varying,), (4,)])
def test_waveform(dims):
    """A single column is a line over its coordinates, on the axes that were given."""
    given = new_figure().subplots()
    spec = ArraySpec(dims, "float64", AXES[: len(dims)], "amplitude")
    array = np.array([0.0, 1, -1, 0]).reshape(-1, *dims[1:])
    ax = plot(array, spec, given)
    (line,) = ax.lines
    assert given is ax
    assert [[0.25, 0], [0.75, 1], [1.25, -1], [1.75, 0]] == line.get_xydata().tolist()
    assert ("time in s", "amplitude") == (ax.get_xlabel(), ax.get_ylabel())


@pytest.mark.parametrize("count", [4096, 4097, 50_000])
def test_long_spectrogram(count):
    """What is too fine for a picture shares columns, in which the loudest is seen at its time."""
    array = np.full((count, 3), 1e-3, np.float32)
    array[count - 2, 1] = 1
    ax = plot(array, spectrum())
    image = ax.images[0]
    values = image.get_array()
    begin, end, _, _ = image.get_extent()
    (row,), (column,) = np.nonzero(values == 0)
    width = (end - begin) / values.shape[1]
    assert (True, 1) == (values.shape[1] <= 4096, row)
    assert 0 <= AXES[0].at(count - 2) - (begin + column * width) <= width
    assert (0.0, count * 0.5) == ax.get_xlim()


@pytest.mark.parametrize("count", [4096, 4097, 50_000])
def test_long_waveform(count):
    """A long line spans the extremes of what shares a column."""
    samples = np.zeros((count, 1), np.float32)
    samples[-1], samples[3] = 1, -1
    spec = ArraySpec((Varying, 1), "float32", AXES, "amplitude")
    points = plot(samples, spec).lines[0].get_xydata()
    lowest, highest = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
    assert (-1, 1) == (lowest[1], highest[1])
    step = -(-count // 4096) * 0.5
    assert 0 <= AXES[0].at(3) - lowest[0] < step
    assert 0 <= AXES[0].at(count - 1) - highest[0] < step
    assert len(points) <= 2 * 4096


def test_without_declared_axes():
    """An encoder that declares no axes gets numbered ones."""
    ax = plot(np.ones((2, 3), np.float32), ArraySpec((Varying, 3)))
    assert ("axis 0", "axis 1") == (ax.get_xlabel(), ax.get_ylabel())


@pytest.mark.parametrize(
    ("shape", "spec", "message"),
    [
        ((2, 4), spectrum(), "do not fit"),
        ((2, 3, 2), ArraySpec((Varying, 3, 2)), "3 dimensions cannot be drawn"),
        ((2, 3), spectrum(dtype="complex64"), "complex numbers cannot be drawn"),
        ((), ArraySpec(()), "0 dimensions cannot be drawn"),
    ],
)
def test_refused(shape, spec, message):
    """What does not fit the form, or a page, is a ValueError."""
    with pytest.raises(ValueError, match=message):
        plot(np.zeros(shape, spec.dtype), spec)


@pytest.mark.parametrize("image_format", FORMATS)
def test_formats(image_format):
    """Every format is written, also with a title that the font lacks and no formula."""
    ax = plot(np.ones((2, 3), np.float32), spectrum(), title="\U0001f600 $\\frac$")
    starts = {"jpg": b"\xff\xd8\xff", "pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml"}
    assert _saved(ax.figure, image_format).startswith(starts[image_format])


def test_without_matplotlib(monkeypatch):
    """A missing matplotlib is an error that tells how to get it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NetEncodersError, match=r'pip install "netencoders\[plot\]"'):
        plot(np.ones((2, 3), np.float32), spectrum())


def _saved(figure, image_format):
    file = io.BytesIO()
    save(figure, file, image_format)
    return file.getvalue()
