"""Results of layers are finite, contiguous and writable, for arrays of any layout (A55)."""

import numpy as np
import pytest

from netencoders import ArraySpec, EncodeError, LayerError, NetEncoder, NetLayer, Varying, layers
from netencoders.chain import Chain
from netencoders_audio import Audio

LARGE = np.array([[3e38, -3e38], [3e38, 1]], np.float32)
WIDE = np.array([[1.7e308, -1.7e308], [1.7e308, -1.7e308], [-1e308, 1]])


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Affine", {"Factor": 10}),
        ("Affine", {"Shift": 3e38}),
        ("SubtractMaximum", {}),
        ("Standardize", {"Statistics": "Variance"}),
    ],
)
def test_result_that_overflows_is_refused(name, parameters):
    """Infinite results name the layer, the type and the remedy, without a warning of numpy."""
    message = f"result of the layer {name} contains NaN or infinity.* for float32.*Cast.*float64"
    with pytest.raises(EncodeError, match=message) as caught:
        NetLayer(name, **parameters)(LARGE)
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize("name", ["Mean", "Delta", "SubtractMaximum"])
def test_overflow_of_float64_names_another_remedy(name):
    """A wider type is no remedy for float64."""
    with pytest.raises(EncodeError, match=r"for float64 \(put Affine with a small") as caught:
        NetLayer(name)(WIDE)
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("AddAxis", {}),
        ("Clip", {"Low": -3.4e38, "High": 3.4e38}),
        ("DynamicRange", {"Below": 3.4e38}),
        ("Repeat", {}),
        ("Reshape", {}),
        ("SelectFeatures", {"Stop": 1}),
        ("Stack", {"Size": 2}),
        ("Subsample", {}),
        ("Transpose", {}),
    ],
)
def test_layers_that_keep_elements_finite(name, parameters):
    """The result of the largest numbers is finite; all layers that declare it are tested."""
    layer = NetLayer(name, **parameters)
    assert layer._layer.keeps_finite
    largest = np.finfo(np.float32).max
    assert np.isfinite(layer(np.array([[largest, -largest]] * 3, np.float32))).all()
    declared = {each for each in layers() if NetLayer(each)._layer.keeps_finite}
    assert name in declared
    assert 9 == len(declared)


@pytest.mark.parametrize("names", [["Transpose"], ["Clip", "Transpose"]])
def test_first_layer_looks_for_elements_that_are_not_finite(names):
    """An array with infinity is an error of the first layer, which may be any layer."""
    chain = Chain([NetLayer(name) for name in names], ArraySpec((Varying, 2)))
    with pytest.raises(EncodeError, match=f"result of the layer {names[0]} contains NaN") as caught:
        chain.array(np.array([[1, np.nan]], np.float32))
    assert "non-finite" == caught.value.code


@pytest.mark.parametrize("axis", ["Time", "Features", None])
def test_infinite_variance_is_refused(axis):
    """An infinite variance would divide everything to 0."""
    with pytest.raises(EncodeError, match=r"too large for a variance.*Affine") as caught:
        NetLayer("Standardize", Axis=axis)(np.array([[1e200, 0], [-1e200, 1]]))
    assert "out-of-range" == caught.value.code


def test_overflow_after_an_encoder_is_refused():
    """A call and a stream of an encoder with layers raise the same error."""
    encoder = NetEncoder("Audio").then("Affine", Factor=3e38).then("Affine", Factor=3e38)
    audio = Audio(np.full(100, 0.5), 16000)
    for way in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match="result of the layer Affine") as caught:
            way(audio)
        assert "non-finite" == caught.value.code


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["float16", "float64", "complex64"])
def test_elements_that_are_not_finite_are_refused(value, kind):
    """A layer alone does not take NaN or infinity; as an integer they would be any number."""
    layer = NetLayer("Subsample" if kind == "complex64" else "Cast")
    with pytest.raises(EncodeError, match=r"gets NaN or infinity.*nan_to_num") as caught:
        layer(np.array([[1, value]], kind))
    assert "non-finite" == caught.value.code


def test_masked_array_is_refused():
    """The elements under a mask are no numbers."""
    with pytest.raises(LayerError, match=r"does not take a masked array.*filled"):
        NetLayer("Log")(np.ma.masked_array([[1.0, 2.0]], [[False, True]]))


@pytest.mark.parametrize("name", ["AddAxis", "Standardize", "FitRows", "Clip", "Cast", "Transpose"])
def test_big_endian_array_gives_the_result_of_the_native_one(name):
    """The order of bytes has no effect."""
    array = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    layer = NetLayer(name)
    np.testing.assert_array_equal(layer(array), layer(array.astype(">f4")), strict=True)


@pytest.mark.parametrize("name", ["Affine", "Patches", "Stack"])
@pytest.mark.parametrize("size", [1, 99])
def test_results_can_be_written_to(name, size):
    """Also a single patch, or a single stack, is an array of its own."""
    encoder = NetEncoder("AudioMelSpectrogram", Offset=160)
    encoder = encoder.then(name, **({} if name == "Affine" else {"Size": size}))
    audio = Audio(np.random.default_rng(0).normal(size=15900) / 9, 16000)
    results = [encoder(audio), *encoder.stream(audio)]
    assert all(array.flags.writeable and array.flags.c_contiguous for array in results)


@pytest.mark.parametrize("layer", ["Transpose", "Repeat", "AddAxis"])
def test_result_of_several_blocks_is_contiguous(layer):
    """Blocks of a layer that moves time join to an array in C order."""
    encoder = NetEncoder("AudioMelSpectrogram").then("Delta").then(layer)
    audio = Audio(np.random.default_rng(0).normal(size=16000) / 9, 16000)
    assert len(list(encoder.stream(audio))) > 1
    assert encoder(audio).flags.c_contiguous


@pytest.mark.parametrize(
    ("axis", "shape"), [("Time", (3, 2)), ("Features", (2, 3)), (None, (1, 3))]
)
def test_equal_elements_of_float64_become_zero(axis, shape):
    """The mean of three times 0.1 is 0.1, although their sum is not 0.3 (A52)."""
    array = np.full(shape, 0.1)
    result = NetLayer("Standardize", Axis=axis, Epsilon=0)(array)
    np.testing.assert_array_equal(np.zeros(shape), result)
    if axis is not None:
        assert 0.1 == NetLayer("Mean", Axis=axis)(array).flat[0]


def test_factor_that_vanishes_is_refused():
    """A factor that is 0 only in the type of the elements would give 0 for everything."""
    with pytest.raises(LayerError, match=r"float32, in which the Factor 1e-50 is 0.*float64"):
        NetLayer("Affine", Factor=[1, 1e-50])(LARGE)
    assert (0 == NetLayer("Affine", Factor=0)(LARGE)).all()


def test_infer_takes_a_form():
    """Another value is named."""
    with pytest.raises(TypeError, match=r"infer takes an ArraySpec. Got \(3, 4\)"):
        NetLayer("Log").infer((3, 4))


LAYERS = {
    "(n,)": [("Mean", {"Axis": "Features"}), ("Reshape", {"Shape": []})],
    "(n, 1)": [("Mean", {"Axis": "Features"})],
    "(1, n)": [("Mean", {"Axis": "Features"}), ("Transpose", {})],
}


@pytest.mark.parametrize("name", ["AudioMelSpectrogram", "AudioChroma", "AudioPartitions"])
@pytest.mark.parametrize(("shape", "layers"), LAYERS.items())
def test_samples_do_not_pass_as_the_result_of_layers(name, shape, layers):
    """One channel of samples is refused where layers give arrays of its form (A38)."""
    encoder = NetEncoder(name)
    for layer, parameters in layers:
        encoder = encoder.then(layer, **parameters)
    samples = np.zeros({"(n,)": 9000, "(n, 1)": (9000, 1), "(1, n)": (1, 9000)}[shape], np.float32)
    for way in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(EncodeError, match="may be samples") as caught:
            way(samples)
        assert "bare-array" == caught.value.code


def test_samples_do_not_pass_as_rows_of_one_element():
    """An encoder whose rows have one element refuses them too; one row of many is encoded."""
    samples = np.zeros((9000, 1), np.float32)
    with pytest.raises(EncodeError, match="may be samples"):
        NetEncoder("AudioMelSpectrogram", NumberOfFilters=1)(samples)
    row = np.zeros((1, 40), np.float32)
    assert NetEncoder("AudioMelSpectrogram")(row) is row


@pytest.mark.parametrize("name", ["Affine", "Cast", "Delta", "Mean", "Softmax", "Standardize"])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_settings_of_numpy_have_no_effect(name, kind):
    """A program that lets numpy raise errors, also for an underflow, gets the same numbers."""
    tiny = float(np.finfo(kind).smallest_subnormal)
    array = np.array([[tiny, -1000], [0, 0], [3 * tiny, 1000]], kind)
    parameters = {"Affine": {"Factor": [0.01, 1]}, "Cast": {"Type": "float16"}}
    layers = [NetLayer(name, **parameters.get(name, {}))]
    layers += [layers[0].replace(Axis="Features")] if name in ("Mean", "Standardize") else []
    expected = [layer(array) for layer in layers]
    with np.errstate(all="raise"):
        actual = [layer(array) for layer in layers]
        with pytest.raises(LayerError, match="the Factor 1e-50 is 0"):
            NetLayer("Affine", Factor=1e-50)(LARGE)
    for one, other in zip(expected, actual, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
