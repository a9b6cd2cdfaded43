"""Stack, Patches, Subsample and Delta: layers that need neighbouring rows."""

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    EncodeError,
    LayerError,
    NetEncoder,
    NetLayer,
    ParameterError,
    Varying,
)
from netencoders.chain import Chain

ROWS = np.random.default_rng(0).normal(0, 3, (40, 3)).astype(np.float32)
FORM = ArraySpec((Varying, 3), axes=(Axis("time", "s", 0.5, 1.0), Axis("feature")), quantity="log")
LENGTHS = [1, 2, 3, 5, 6, 7, 11, 12, 13, 40]


def lfr(rows, size, stride):
    """Return the low frame rate of FunASR: the first and the last row are repeated."""
    count, left = -(-len(rows) // stride), (size - 1) // 2
    places = [[i * stride - left + j for j in range(size)] for i in range(count)]
    return np.array([rows[np.clip(place, 0, len(rows) - 1)].ravel() for place in places])


@pytest.mark.parametrize(("size", "stride"), [(7, 6), (5, 1), (2, 2), (4, 3), (1, 1), (2, 9)])
@pytest.mark.parametrize("count", LENGTHS)
def test_stack_repeats_the_edges(size, stride, count):
    """With Repeat, n rows give ceil(n / Stride) stacks; edges are repeated."""
    layer = NetLayer("Stack", Size=size, Stride=stride, Padding="Repeat")
    assert np.array_equal(lfr(ROWS[:count], size, stride), layer(ROWS[:count]))


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 1), (2, 5)])
@pytest.mark.parametrize("count", LENGTHS)
def test_stacks_are_whole(size, stride, count):
    """Without padding, only whole stacks count, and fewer rows than Size are an error."""
    starts = range(0, count - size + 1, stride)
    layer = NetLayer("Stack", Size=size, Stride=stride)
    if not starts:
        with pytest.raises(EncodeError, match="too few for the layer Stack") as caught:
            layer(ROWS[:count])
        assert "too-short" == caught.value.code
        return
    expected = [ROWS[start : start + size].ravel() for start in starts]
    assert np.array_equal(expected, layer(ROWS[:count]))


def test_stack_joins_rows_along_their_first_dimension():
    """Rows of several dimensions are joined along the first one, and numbers become rows."""
    rows = ROWS[:, :, np.newaxis]
    assert np.array_equal(NetLayer("Stack")(ROWS)[:, :, np.newaxis], NetLayer("Stack")(rows))
    assert np.array_equal(ROWS[:, 0].reshape(20, 2), NetLayer("Stack")(ROWS[:, 0]))
    assert "int16" == NetLayer("Stack")(ROWS.astype(np.int16)).dtype


def test_stride_is_size_by_default():
    """Automatic is Size, and has the same digest."""
    assert 5 == NetLayer("Stack", Size=5).resolved["Stride"]
    assert NetLayer("Stack", Size=5).digest == NetLayer("Stack", Size=5, Stride=5).digest
    assert 5 == NetLayer("Patches", Size=5).resolved["Offset"]


def test_time_of_a_stack_is_its_centre():
    """Step and start of the time axis are those of the centres of the stacks."""
    whole = NetLayer("Stack", Size=4, Stride=3).infer(FORM)
    assert (Varying, 12) == whole.dims
    assert (Axis("time", "s", 1.5, 1.75), Axis("feature")) == whole.axes
    padded = NetLayer("Stack", Size=7, Stride=6, Padding="Repeat").infer(FORM)
    assert Axis("time", "s", 3.0, 1.0) == padded.axes[0]
    assert "log" == whole.quantity


def test_number_of_rows_of_the_form():
    """A fixed number gives a fixed number, and a minimum a minimum."""
    layer = NetLayer("Stack", Size=3, Stride=2)
    assert (4, 9) == layer.infer(ArraySpec((10, 3))).dims
    assert 4 == layer.infer(ArraySpec((Varying, 3), minimum=10)).minimum
    assert 1 == layer.infer(ArraySpec((Varying, 3), minimum=0)).minimum
    padded = layer.replace(Padding="Repeat")
    assert 0 == padded.infer(ArraySpec((Varying, 3), minimum=0)).minimum
    assert (0, 9) == padded(ROWS[:0]).shape
    with pytest.raises(LayerError, match="2 rows are too few"):
        layer.infer(ArraySpec((2, 3)))


def test_parts_of_complex_numbers_stay_last():
    """Stacks, patches and deltas do not mix the parts of complex numbers."""
    form = ArraySpec((Varying, 5, 2), quantity="complex")
    assert (Varying, 10, 2) == NetLayer("Stack").infer(form).dims
    with pytest.raises(LayerError, match="its last dimension holds the parts"):
        NetLayer("Stack").infer(ArraySpec((Varying, 2), quantity="complex"))
    with pytest.raises(LayerError, match="gets the parts of complex numbers"):
        NetLayer("Delta").infer(form)


@pytest.mark.parametrize("name", ["Stack", "Patches", "Subsample", "Delta", "Mean", "FitRows"])
def test_time_must_be_first(name):
    """Layers of neighbours need time as the first dimension."""
    with pytest.raises(LayerError, match="needs time as the first dimension"):
        NetLayer(name).infer(ArraySpec((3, Varying), stream_axis=1))


def naive_patches(rows, size, offset):
    """Return patches until each row that one can reach is in one."""
    result, place = [], 0
    while place < len(rows) and (not result or place - offset + size < len(rows)):
        patch = rows[place : place + size]
        result.append(np.concatenate([patch, np.zeros((size - len(patch), 3), np.float32)]))
        place += offset
    return result


@pytest.mark.parametrize(("size", "offset"), [(4, 4), (5, 2), (2, 5), (1, 1), (50, 7)])
@pytest.mark.parametrize("count", LENGTHS)
def test_patches_are_whole_or_completed_with_zeros(size, offset, count):
    """Without padding, whole patches count; with Zero, zeros complete the last one."""
    rows = ROWS[:count]
    layer = NetLayer("Patches", Size=size, Offset=offset, Padding="Zero")
    assert np.array_equal(naive_patches(rows, size, offset), layer(rows))
    starts = range(0, count - size + 1, offset)
    if starts:
        expected = [rows[start : start + size] for start in starts]
        assert np.array_equal(expected, layer.replace(Padding=None)(rows))


def test_forms_of_patches():
    """The new dimension has an axis that counts from the centre of a patch."""
    form = NetLayer("Patches", Size=4, Offset=2).infer(FORM)
    assert (Varying, 4, 3) == form.dims
    assert Axis("time", "s", 1.0, 1.75) == form.axes[0]
    assert Axis("offset", "s", 0.5, -0.75) == form.axes[1]
    assert () == NetLayer("Patches").infer(ArraySpec((Varying, 3))).axes
    with pytest.raises(EncodeError, match="its 40 rows are too few for the layer Patches"):
        NetLayer("Patches", Size=41)(ROWS)
    high = ArraySpec((Varying,), "int32", low=3, high=9)
    assert 3 == NetLayer("Patches", Size=4).infer(high).low
    assert 0 == NetLayer("Patches", Size=4, Padding="Zero").infer(high).low
    complex_rows = ArraySpec((Varying, 2), quantity="complex")
    assert (Varying, 96, 2) == NetLayer("Patches").infer(complex_rows).dims


@pytest.mark.parametrize(("stride", "phase"), [(1, 0), (3, 0), (3, 2), (2, 7), (50, 0)])
def test_subsample_keeps_every_nth_row(stride, phase):
    """The rows are those of a slice, and the time axis follows."""
    layer = NetLayer("Subsample", Stride=stride, Phase=phase)
    assert np.array_equal(ROWS[phase::stride], layer(ROWS))
    assert Axis("time", "s", 0.5 * stride, 1 + 0.5 * phase) == layer.infer(FORM).axes[0]
    assert len(ROWS[phase::stride]) == layer.infer(ArraySpec((40, 3))).dims[0]


def test_phase_behind_the_last_row_is_an_error():
    """Too few rows for the phase are an error; an empty array without a phase stays empty."""
    with pytest.raises(EncodeError, match="its 40 rows are too few for the layer Subsample"):
        NetLayer("Subsample", Phase=40)(ROWS)
    with pytest.raises(LayerError, match="40 rows are too few"):
        NetLayer("Subsample", Phase=40).infer(ArraySpec((40, 3)))
    with pytest.raises(LayerError, match="1 row is too few"):
        NetLayer("Subsample", Phase=40).infer(ArraySpec((1, 3)))
    assert (0, 3) == NetLayer("Subsample")(ROWS[:0]).shape


def kaldi_deltas(rows, order, half):
    """Return the deltas of all orders of Kaldi: filters over rows whose edges are repeated."""
    scales = [np.ones(1)]
    slope = np.arange(-half, half + 1)
    for _ in range(order):
        scales.append(np.convolve(scales[-1], slope) / (slope @ slope))
    result = []
    for t in range(len(rows)):
        parts = []
        for weights in scales:
            reach = len(weights) // 2
            near = [min(max(t + k, 0), len(rows) - 1) for k in range(-reach, reach + 1)]
            parts.append(sum(w * rows[k].astype(float) for w, k in zip(weights, near, strict=True)))
        result.append(np.concatenate(parts))
    return np.array(result)


@pytest.mark.parametrize(("order", "size"), [(1, 3), (1, 5), (2, 5), (2, 7), (3, 3)])
@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_deltas_are_those_of_kaldi(order, size, count):
    """Concatenate gives the static rows and all orders; else the last order alone."""
    rows = ROWS[:count]
    expected = kaldi_deltas(rows, order, size // 2)
    layer = NetLayer("Delta", Order=order, WindowSize=size, Concatenate=True)
    np.testing.assert_allclose(expected, layer(rows), atol=2e-6)
    alone = layer.replace(Concatenate=False)(rows)
    np.testing.assert_allclose(expected[:, -3:], alone, atol=2e-6)
    assert "float32" == alone.dtype


def test_delta_of_a_line_is_its_slope():
    """The delta of a line is its slope inside, and that of an equal feature is exactly 0."""
    line = np.stack([0.1 * np.arange(30), np.full(30, 0.1)], 1).astype(np.float32)
    for order in (1, 2, 4):
        actual = NetLayer("Delta", Order=order)(line)
        np.testing.assert_allclose(0.1 if order == 1 else 0, actual[8:-8, 0], atol=1e-6)
        assert not actual[:, 1].any()


def test_two_deltas_repeat_the_edges_of_the_first():
    """Two layers are torchaudio's deltas of deltas: equal inside, and different at the edges."""
    twice = NetLayer("Delta")(NetLayer("Delta")(ROWS))
    filtered = NetLayer("Delta", Order=2)(ROWS)
    np.testing.assert_allclose(twice[4:-4], filtered[4:-4], atol=1e-6)
    assert abs(twice - filtered)[:2].max() > 1e-3


def test_forms_of_delta():
    """The last dimension grows if deltas are concatenated; an array without rows stays empty."""
    form = NetEncoder("AudioMelSpectrogram").output
    assert form.dims == NetLayer("Delta").infer(form).dims
    assert form.axes == NetLayer("Delta").infer(form).axes
    assert "" == NetLayer("Delta").infer(form).quantity
    joined = NetLayer("Delta", Order=2, Concatenate=True)
    assert (Varying, 120) == joined.infer(form).dims
    assert (form.axes[0], Axis("feature")) == joined.infer(form).axes
    assert (0, 9) == joined(ROWS[:0]).shape
    assert (Varying, Varying) == joined.infer(ArraySpec((Varying, Varying))).dims
    with pytest.raises(LayerError, match="put the layer AddAxis before it, with Position 1"):
        joined.infer(ArraySpec((Varying,)))
    with pytest.raises(LayerError, match="gets int16"):
        joined.infer(ArraySpec((Varying, 3), "int16"))


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("Delta", {"WindowSize": 4}, "'WindowSize' must be an odd integer from 3 to 1001. Got 4"),
        ("Delta", {"Order": 5}, "'Order' must be an integer from 1 to 4. Got 5"),
        ("Stack", {"Size": 0}, "'Size' must be an integer from 1 to 65536. Got 0"),
        ("Stack", {"Padding": "Zero"}, "'Padding' must be None or 'Repeat'. Got 'Zero'"),
        ("Patches", {"Offset": 0}, "'Offset' must be an integer from 1 to .* or Automatic. Got 0"),
        ("Subsample", {"Phase": -1}, "'Phase' must be an integer from 0 to .* Got -1"),
    ],
)
def test_bad_parameters_are_named(name, parameters, message):
    """A bad value has the standard message."""
    with pytest.raises(ParameterError, match=message):
        NetLayer(name, **parameters)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Patches", {"Size": 1000}),
        ("Stack", {"Size": 1000}),
        ("FitRows", {"Rows": ["By", 1000], "Action": "Crop"}),
        ("FitRows", {"Rows": ["Multiple", 1000], "Action": "Crop"}),
    ],
)
def test_long_windows_copy_each_row_few_times(name, parameters, monkeypatch):
    """Rows that wait for a long window are joined once, and not again for each block."""
    joined, concatenate = [], np.concatenate

    def counting(parts, *arguments, **more):
        joined.append(sum(map(len, parts)))
        return concatenate(parts, *arguments, **more)

    form = ArraySpec((Varying, 3), minimum=0)
    chain = Chain([NetLayer(name, **parameters)], form)
    source = [np.ones((10, 3), np.float32)] * 400
    monkeypatch.setattr(np, "concatenate", counting)
    assert list(chain.blocks(lambda: iter(source)))
    assert sum(joined) <= 2 * 4000
