"""Plots of encoded arrays."""

import io
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from netencoders import (
    ArraySpec,
    Axis,
    EncodeError,
    NetEncoder,
    NetEncodersError,
    Varying,
    registered,
)
from netencoders.plot import FORMATS, drawing_problem, new_figure, plot, save

AXES = (Axis("time", "s", step=0.5, start=0.25), Axis("frequency", "Hz", step=100.0))

TIME = AXES[0]
FORMS = {
    "amplitude": ArraySpec(
        (Varying, 1), "float32", (Axis("time", "s", 1 / 8000), Axis("channel")), "amplitude"
    ),
    "complex": ArraySpec((Varying, 4, 2), "float32", (*AXES, Axis("part")), "complex"),
    "power": ArraySpec((Varying, 3), "float32", AXES, "power"),
    "mel": ArraySpec(
        (Varying, 3), axes=(TIME, Axis("frequency", "mel", 200, 200)), quantity="power"
    ),
    "coefficient": ArraySpec(
        (Varying, 3), axes=(TIME, Axis("coefficient")), quantity="coefficient"
    ),
}
"""The forms of the arrays of the usual audio encoders."""


def spectrum(quantity="power", columns=3, dtype="float32"):
    """Return the form of a small spectrogram."""
    return ArraySpec((Varying, columns), dtype, AXES, quantity)


@pytest.mark.parametrize(("quantity", "decibels"), [("power", 10), ("magnitude", 20)])
def test_power_and_magnitude_are_drawn_in_decibels(quantity, decibels):
    """Power and magnitude are drawn in decibels relative to the maximum, down to -80."""
    array = np.array([[100, 10, 1], [1e-30, 0, 100]], np.float32)
    image = plot(array, spectrum(quantity)).images[0]
    one, two = -decibels, -2 * decibels
    assert [[0, one, two], [-80, -80, 0]] == image.get_array().T.round(4).tolist()
    assert (-80, 0) == image.get_clim()


def test_time_is_horizontal_and_frequency_vertical():
    """Time is horizontal and frequency vertical; each cell is centred at its coordinates."""
    ax = plot(np.ones((4, 3), np.float32), spectrum(), title="a $b$ c")
    labels = [ax.get_xlabel(), ax.get_ylabel(), ax.get_title()]
    assert ["time in s", "frequency in Hz", "a $b$ c"] == labels
    assert [0.0, 2.0, -50.0, 250.0] == list(ax.images[0].get_extent())
    assert "lower" == ax.images[0].origin
    assert "power in dB\nrelative to the maximum" == ax.images[0].colorbar.ax.get_ylabel()


def test_dimensions_of_size_one_are_not_drawn():
    """An array with a dimension of a batch, or of channels, is drawn without it."""
    array = np.arange(1, 13, dtype=np.float32).reshape(1, 4, 1, 3)
    axes = (Axis("batch"), AXES[0], Axis("channel"), AXES[1])
    spec = replace(spectrum(), dims=(1, Varying, 1, 3), axes=axes, stream_axis=1)
    first, other = plot(array[0, :, 0], spectrum()), plot(array, spec)
    assert first.images[0].get_array().tolist() == other.images[0].get_array().tolist()
    assert ("time in s", "frequency in Hz") == (other.get_xlabel(), other.get_ylabel())


def test_time_is_horizontal_also_if_it_is_last():
    """An array of features first is drawn like one of frames first."""
    array = np.arange(1, 13, dtype=np.float32).reshape(4, 3)
    last = replace(spectrum(), dims=(3, Varying), axes=AXES[::-1], stream_axis=1)
    first, other = plot(array, spectrum()), plot(np.ascontiguousarray(array.T), last)
    assert first.images[0].get_array().tolist() == other.images[0].get_array().tolist()
    assert ("time in s", "frequency in Hz") == (other.get_xlabel(), other.get_ylabel())


@pytest.mark.parametrize("quantity", ["power", "magnitude"])
@pytest.mark.parametrize("value", [0, 1e-45, np.nan, np.inf, 3e38])
def test_extreme_values_are_drawn_without_a_warning(quantity, value):
    """Silence, denormal and non-finite values are drawn without a warning."""
    ax = plot(np.full((2, 3), value, np.float32), spectrum(quantity))
    assert "PNG" in _saved(ax.figure, "png")[1:4].decode()


def test_silence_is_drawn_at_minus_80_decibels():
    """Silence is drawn at -80 dB."""
    ax = plot(np.zeros((2, 3), np.float32), spectrum())
    assert [-80.0] == np.unique(ax.images[0].get_array()).tolist()


def test_other_quantities_keep_their_scale():
    """Quantities other than power and magnitude keep their scale."""
    array = np.array([[-5, 2, 3]], np.float32)
    image = plot(array, spectrum("coefficient")).images[0]
    assert array.T.tolist() == image.get_array().tolist()
    assert "coefficient" == image.colorbar.ax.get_ylabel()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "complex64"])
def test_complex_numbers_are_drawn_as_magnitudes(dtype):
    """Complex numbers are drawn as magnitudes, from a complex type and from two real parts."""
    numbers = np.array([[100, 30 + 40j, -10j], [0, 5, -100]])
    if dtype == "complex64":
        array, spec = numbers, ArraySpec((Varying, 3), dtype, AXES)
    else:
        array = np.stack([numbers.real, numbers.imag], axis=-1)
        spec = ArraySpec((Varying, 3, 2), dtype, (*AXES, Axis("part")), "complex")
    ax = plot(array.astype(dtype), spec)
    expected = [[0, 20 * np.log10(0.5), -20], [-80, 20 * np.log10(0.05), 0]]
    np.testing.assert_allclose(ax.images[0].get_array().T, expected, atol=1e-5)
    assert ("time in s", "frequency in Hz") == (ax.get_xlabel(), ax.get_ylabel())
    assert "magnitude in dB\nrelative to the maximum" == ax.images[0].colorbar.ax.get_ylabel()


def test_one_complex_column_is_drawn_as_a_line():
    """Rows of one complex number each are drawn as a line of magnitudes."""
    array = np.array([[3, 4], [0, -2]], np.float32)
    ax = plot(array, ArraySpec((Varying, 2), axes=(AXES[0], Axis("part")), quantity="complex"))
    assert [[0.25, 5], [0.75, 2]] == ax.lines[0].get_xydata().tolist()
    assert "magnitude" == ax.get_ylabel()


@pytest.mark.parametrize("value", [0, 1e-45, np.nan, np.inf, 3e38])
def test_extreme_complex_values_are_drawn_without_a_warning(value):
    """Extreme values of complex parts are drawn without a warning."""
    ax = plot(np.full((2, 4, 2), value, np.float32), FORMS["complex"])
    assert "PNG" in _saved(ax.figure, "png")[1:4].decode()


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_values_of_both_signs_have_diverging_colours(dtype):
    """Values of both signs have colours that diverge from zero, on one scale for both."""
    image = plot(np.array([[-128, 2, 3]], dtype), spectrum("coefficient", dtype=dtype)).images[0]
    assert ((-128, 128), "RdBu_r") == (image.get_clim(), image.get_cmap().name)
    assert [[-128], [2], [3]] == image.get_array().tolist()


@pytest.mark.parametrize(
    ("odd", "limit", "extend"),
    [(-1000, 9, "min"), (1000, 9, "max"), (9, 9, "neither"), (-9, 9, "neither")],
)
def test_scale_covers_nine_values_in_ten(odd, limit, extend):
    """Nine values in ten lie within the colours; the colour bar shows that others exceed them."""
    array = np.array([[odd, 1, 2, -3, 4, -5, 6, -7, 8, 9, 9]], np.float32)
    image = plot(array, spectrum("coefficient", columns=11)).images[0]
    assert ((-limit, limit), extend) == (image.get_clim(), image.colorbar.extend)


def test_largest_value_sets_the_scale_of_sparse_values():
    """If nearly all values are zero, the largest value sets the scale."""
    array = np.zeros((40, 3), np.float32)
    array[1], array[2] = 5, -1
    assert (-5, 5) == plot(array, spectrum("coefficient")).images[0].get_clim()


def test_zero_means_have_a_scale():
    """If all means are zero, the colours still have a scale."""
    array = np.tile(np.array([[-1, 1, 0], [1, -1, 0]], np.float32), (4096, 1))
    assert (-1, 1) == plot(array, spectrum("coefficient")).images[0].get_clim()


@pytest.mark.parametrize("dtype", ["float32", "uint8", "bool"])
def test_values_of_one_sign_use_plain_colours(dtype):
    """Values of one sign use the whole range of the plain colours."""
    image = plot(np.array([[1, 0, 1]], dtype), spectrum("share", dtype=dtype)).images[0]
    assert ((0, 1), "magma") == (image.get_clim(), image.get_cmap().name)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_non_finite_values_do_not_affect_the_scale(odd):
    """Values that are not finite do not affect the scale, and cause no warning."""
    array = np.array([[odd, 1, -2], [-odd, 0, 0]], np.float32).repeat(4096, axis=0)
    ax = plot(array, spectrum("coefficient"))
    assert (-2, 2) == ax.images[0].get_clim()
    assert "PNG" in _saved(ax.figure, "png")[1:4].decode()


def test_column_of_several_values_shows_their_mean():
    """A column of several values of both signs shows their mean, which favours neither sign."""
    array = np.tile(np.array([[-4, 4, 0], [2, 2, 2], [8, 0, -5]], np.float32), (2000, 1))
    array = np.concatenate([array, array[:1]])
    means = plot(array, spectrum("coefficient")).images[0].get_array().T
    pairs = [[-1, 3, 1], [2, 2, -2.5], [5, 1, -1.5]]
    assert [*(1000 * pairs), [-4, 4, 0]] == means.tolist()


def test_several_arrays_on_one_figure():
    """Each array is drawn on the given axes, with its own labels."""
    figure = new_figure()
    places = figure.subplots(len(FORMS))
    for ax, spec in zip(places, FORMS.values(), strict=True):
        shape = [3 if size is Varying else size for size in spec.dims]
        assert ax is plot(np.arange(np.prod(shape)).reshape(shape).astype("f4") - 2, spec, ax)
    assert {
        "amplitude": "amplitude",
        "complex": "frequency in Hz",
        "power": "frequency in Hz",
        "mel": "frequency in mel",
        "coefficient": "coefficient",
    } == {name: ax.get_ylabel() for name, ax in zip(FORMS, places, strict=True)}
    assert [1, 0, 0, 0, 0] == [len(ax.lines) for ax in places]
    assert [0, 1, 1, 1, 1] == [len(ax.images) for ax in places]
    assert ["time in s"] * 5 == [ax.get_xlabel() for ax in places]
    assert len(FORMS) + 4 == len(figure.axes), "an image has a colour bar of its own"
    assert (200.0 / 2, 200.0 * 3.5) == pytest.approx(places[3].get_ylim())
    assert "PNG" in _saved(figure, "png")[1:4].decode()


@pytest.mark.parametrize("dims", [(Varying, 1), (Varying,), (4,)])
def test_single_column_is_drawn_as_a_line(dims):
    """A single column is drawn as a line over its coordinates, on the given axes."""
    given = new_figure().subplots()
    spec = ArraySpec(dims, "float64", AXES[: len(dims)], "amplitude")
    array = np.array([0.0, 1, -1, 0]).reshape(-1, *dims[1:])
    ax = plot(array, spec, given)
    (line,) = ax.lines
    assert given is ax
    assert [[0.25, 0], [0.75, 1], [1.25, -1], [1.75, 0]] == line.get_xydata().tolist()
    assert ("time in s", "amplitude") == (ax.get_xlabel(), ax.get_ylabel())


@pytest.mark.parametrize("count", [4096, 4097, 50_000])
def test_column_of_several_rows_shows_their_maximum(count):
    """A column of a long spectrogram spans several rows, and shows their maximum at its time."""
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
def test_long_line_spans_minimum_and_maximum(count):
    """A long line spans the minimum and maximum of the values in each column."""
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


def test_undeclared_axes_are_numbered():
    """The axes of an array without declared axes are numbered."""
    ax = plot(np.ones((2, 3), np.float32), ArraySpec((Varying, 3)))
    assert ("axis 0", "axis 1") == (ax.get_xlabel(), ax.get_ylabel())


@pytest.mark.parametrize(
    ("shape", "spec", "message"),
    [
        ((2, 4), spectrum(), "do not fit"),
        ((0, 3), ArraySpec((Varying, 3), minimum=0), "^the array has no rows to draw$"),
        ((2, 3, 2), ArraySpec((Varying, 3, 2)), "3 dimensions cannot be drawn, only of 1 or 2: dr"),
        ((2, 3, 4, 2), ArraySpec((Varying, 3, 4, 2), quantity="complex"), "3 dimensions cannot"),
        ((), ArraySpec((), "complex64"), "0 dimensions cannot be drawn, only of 1 or 2"),
        ((), ArraySpec(()), "0 dimensions cannot be drawn, only of 1 or 2"),
    ],
)
def test_array_that_cannot_be_drawn_is_refused(shape, spec, message):
    """An array of another form, or of more than two dimensions, raises ValueError."""
    with pytest.raises(ValueError, match=message):
        plot(np.zeros(shape, spec.dtype), spec)


def test_drawing_problem_depends_on_the_form():
    """`drawing_problem` decides from the form alone whether an array can be drawn."""
    for spec in FORMS.values():
        assert drawing_problem(spec) is None
    problem = drawing_problem(ArraySpec((Varying, 3, 2)))
    assert problem.startswith("arrays of 3 dimensions cannot be drawn, only of 1 or 2: draw a part")


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_image_format_is_written(image_format):
    """Every format is written, with a title that has a missing glyph and an invalid formula."""
    ax = plot(np.ones((2, 3), np.float32), spectrum(), title="\U0001f600 $\\frac$")
    starts = {"jpg": b"\xff\xd8\xff", "pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml"}
    assert _saved(ax.figure, image_format).startswith(starts[image_format])


def test_encoder_plots_an_input_or_its_array(toy):
    """`NetEncoder.plot` draws the array of one input, or an array that is already encoded."""
    encoder = NetEncoder("Toy")
    given = new_figure().subplots()
    ax = encoder.plot(4, given, title="four")
    assert (given, "time in s", "column", "four") == (
        ax,
        ax.get_xlabel(),
        ax.get_ylabel(),
        ax.get_title(),
    )
    again = encoder.plot(encoder(4))
    assert ax.images[0].get_array().tolist() == again.images[0].get_array().tolist()
    assert again.figure is not ax.figure


def test_encoder_refuses_a_plot_before_encoding(toy, toy_class, monkeypatch):
    """An input that cannot be drawn is refused before it is encoded."""
    encoder, unread = NetEncoder("Toy"), ZeroDivisionError()
    with pytest.raises(TypeError, match=r"^plot draws one input\. Got a list, which is a batch\."):
        encoder.plot([unread])
    with pytest.raises(EncodeError, match="Toy raised ZeroDivisionError"):
        encoder.plot(unread)
    deep = type("Deep", (toy_class,), {"name": "Deep", "output": lambda self: ArraySpec((1, 2, 3))})
    with registered(deep), pytest.raises(ValueError, match=r"^Deep: arrays of 3 dimensions cannot"):
        NetEncoder("Deep").plot(unread)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NetEncodersError, match="plotting needs matplotlib"):
        encoder.plot(unread)


def test_missing_matplotlib_names_the_command(monkeypatch):
    """The error for a missing matplotlib states the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NetEncodersError, match=r'pip install "netencoders\[plot\]"'):
        plot(np.ones((2, 3), np.float32), spectrum())


def _saved(figure, image_format):
    file = io.BytesIO()
    save(figure, file, image_format)
    return file.getvalue()


def test_logarithms_of_both_signs_have_one_scale():
    """The colours of logarithms do not diverge from zero, which depends on their unit."""
    array = np.array([[-10, 1, 2]], np.float32)
    image = plot(array, spectrum("log")).images[0]
    assert ((-10, 2), "magma") == (image.get_clim(), image.get_cmap().name)


def test_zeros_do_not_narrow_the_colours():
    """The limits for values of both signs are those of the values other than zero."""
    array = np.zeros((100, 3), np.float32)
    array[0] = [-1, 1, 1]
    assert (-1, 1) == plot(array, spectrum("")).images[0].get_clim()


def test_new_axes_are_shown_as_a_picture():
    """Jupyter gets a PNG of new axes, and of their figure; axes of the user stay as they are."""
    ax = plot(np.ones((4, 3), np.float32), spectrum())
    for shown in (ax, ax.figure, pickle.loads(pickle.dumps(ax))):
        assert b"\x89PNG" == shown._repr_png_()[:4]
    own = Figure().subplots()
    plot(np.ones((4, 3), np.float32), spectrum(), own)
    assert not hasattr(own, "_repr_png_")
    assert not hasattr(own.figure, "_repr_png_")


def test_pyplot_is_not_imported():
    """A picture has no state in pyplot, which would keep it and might show it twice."""
    code = "import sys; from netencoders.plot import new_axes; new_axes()._repr_png_(); "
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
