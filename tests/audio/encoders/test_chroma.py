"""AudioChroma: the power of each pitch class (A48)."""

import math

import numpy as np
import pytest

from netencoders import NetEncoder, ParameterError, Varying
from netencoders_audio import CHROMA, POWER, SPECTRAL, Audio, chroma_filters
from netencoders_audio.encoders import rows as rows_module

RATE = 16000
FRAMES = {"WindowSize": 2048, "Offset": 512, "PartitionPadding": "Center"}
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def noise(count=20_000, seed=0):
    """Return noise with a changing level, and silence in the middle."""
    random = np.random.default_rng(seed)
    samples = random.standard_normal(count) * np.sin(np.linspace(0, 3, count)) * 0.3
    samples[count // 3 : count // 2] = 0
    return samples.astype("f4")


def tone(frequency, seconds=1.0):
    """Return a sine."""
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE)


def naive(samples, filters, power, norm):
    """Return the chroma of centred frames, in float64, frame by frame."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    padded = np.pad(samples.astype("f8"), 1024)
    rows = []
    for start in range(0, len(padded) - 2047, 512):
        spectrum = np.abs(np.fft.rfft(padded[start : start + 2048] * window)) ** power
        row = [float(np.sum(spectrum * filters[:, chroma])) for chroma in range(filters.shape[1])]
        length = {
            None: 1,
            "Max": max(row),
            "Sum": sum(row),
            "Energy": math.sqrt(sum(each * each for each in row)),
        }[norm]
        rows.append([each / (length or 1) for each in row])
    return np.array(rows)


def test_defaults():
    """The parameters are those of a spectrogram and of chroma; the defaults are librosa's."""
    encoder = NetEncoder("AudioChroma")
    assert (*SPECTRAL, *POWER, *CHROMA) == encoder.declarations
    expected = {
        "NumberOfChroma": 12,
        "Tuning": 0,
        "OctaveWeighting": (5, 2),
        "BinNormalization": "Energy",
        "FirstChroma": "C",
        "ChromaNormalization": "Max",
    }
    assert expected == {name: encoder.parameters[name] for name in expected}


@pytest.mark.parametrize("norm", [None, "Max", "Sum", "Energy"])
@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({}, {"count": 12}),
        (
            {
                "NumberOfChroma": 20,
                "Tuning": 0.4,
                "OctaveWeighting": [4, 1.5],
                "BinNormalization": "Sum",
                "FirstChroma": "A",
            },
            {
                "count": 20,
                "tuning": 0.4,
                "octaves": (4, 1.5),
                "normalization": "Sum",
                "first": "A",
            },
        ),
        (
            {"OctaveWeighting": None, "BinNormalization": None},
            {"count": 12, "octaves": None, "normalization": None},
        ),
    ],
)
def test_chroma_equal_the_naive_ones(parameters, arguments, power, norm):
    """Every parameter, in double precision; digital silence gives zeros."""
    filters = chroma_filters(fft_length=2048, rate=RATE, **arguments).astype("f8")
    expected = naive(noise(), filters, power, norm)
    given = {**FRAMES, **parameters, "Power": power, "ChromaNormalization": norm}
    actual = NetEncoder("AudioChroma", **given)(Audio(noise(), RATE))
    assert (np.dtype("float32"), expected.shape) == (actual.dtype, actual.shape)
    np.testing.assert_allclose(actual, expected, atol=2e-6 * expected.max())
    assert (expected == 0).all(axis=1).any()


@pytest.mark.parametrize("octave", [2, 4, 6])
@pytest.mark.parametrize("chroma", range(12))
def test_tone_is_in_its_pitch_class(chroma, octave):
    """A tone of any octave has its largest value at its pitch class, counted from C."""
    frequency = 440 * 2 ** ((chroma - 9) / 12 + octave - 4)
    encoder = NetEncoder("AudioChroma", WindowSize=8192, Offset=4096, PartitionPadding=None)
    row = encoder(Audio(tone(frequency), RATE))[0]
    assert (NAMES[chroma], 1.0) == (NAMES[row.argmax()], row.max())
    from_a = encoder.replace(FirstChroma="A")(Audio(tone(frequency), RATE))[0]
    np.testing.assert_array_equal(row, np.roll(from_a, -3))


def test_tuning_moves_the_reference():
    """A tone that is half a semitone sharp lies between two chroma; with Tuning, in one."""
    sharp = Audio(tone(440 * 2 ** (0.5 / 12)), RATE)
    encoder = NetEncoder("AudioChroma", WindowSize=8192, Offset=4096, PartitionPadding=None)
    between, tuned = encoder(sharp)[0], encoder.replace(Tuning=0.5)(sharp)[0]
    in_tune = encoder(Audio(tone(440), RATE))[0]
    assert between[9] > 0.5
    assert between[10] > 0.5
    assert {9} == set(np.flatnonzero(tuned > 0.5)) == set(np.flatnonzero(in_tune > 0.5))


def test_output_counts_semitones():
    """The second axis counts semitones from the first chroma; normalized rows are relative."""
    output = NetEncoder("AudioChroma", NumberOfChroma=24).output
    assert ((Varying, 24), "float32", "relative power") == (
        output.dims,
        output.dtype,
        output.quantity,
    )
    axis = output.axes[1]
    assert ("chroma", "semitones", 0.5, 0) == (axis.name, axis.unit, axis.step, axis.start)
    raw = NetEncoder("AudioChroma", ChromaNormalization=None, Power=1).output
    assert "magnitude" == raw.quantity


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"NumberOfChroma": 0}, "'NumberOfChroma' must be an integer >= 1"),
        ({"Tuning": 13}, "'Tuning' must be a number from -12 to 12"),
        ({"OctaveWeighting": [5, 0]}, "'OctaveWeighting' must be "),
        ({"BinNormalization": "L2"}, "'BinNormalization' must be 'Energy', 'Sum', 'Max' or None"),
        ({"FirstChroma": "B"}, "'FirstChroma' must be 'C' or 'A'"),
        ({"ChromaNormalization": 2}, "'ChromaNormalization' must be None, 'Max', 'Sum' or 'Ene"),
        ({"WindowSize": 1}, "'FFTLength' must be at least 2 for chroma. Got 1"),
        (
            {"NumberOfChroma": 90_000},
            "'NumberOfChroma' must be at most 83468 for this FFTLength. Got 90000",
        ),
        (
            {"OctaveWeighting": [5, 0.01]},
            r"'OctaveWeighting' \[5.0, 0.01\] leaves 7 of 12 chroma without a bin: bins are 40.0 ",
        ),
    ],
)
def test_refused_values(parameters, message):
    """Values outside of the bounds, and filters that cannot be used, are refused by name."""
    with pytest.raises(ParameterError, match=message):
        NetEncoder("AudioChroma", **parameters)


def test_name_of_librosa_gets_a_suggestion():
    """The error for a name of librosa suggests the parameter."""
    with pytest.raises(ParameterError, match=r"n_chroma'. Did you mean 'NumberOfChroma'"):
        NetEncoder("AudioChroma", n_chroma=12)


@pytest.mark.parametrize("norm", [None, "Max", "Sum", "Energy"])
@pytest.mark.parametrize("count", [1, 7, 12])
@pytest.mark.parametrize("size", [160, 1999, 30_000])
def test_stream_has_the_bits_of_the_call(monkeypatch, size, count, norm):
    """Blocks of any size, groups of any size, and threads give the bits of the call."""
    samples = noise(30_000)
    parameters = {"NumberOfChroma": count, "ChromaNormalization": norm, "Offset": 61}
    encoder = NetEncoder("AudioChroma", **parameters)
    expected = encoder(Audio(samples, RATE))
    live = [Audio(samples[start : start + size], RATE) for start in range(0, 30_000, size)]
    streamed = [np.concatenate(list(encoder.stream(each))) for each in (iter(live), live_one(live))]
    assert [True, True] == [np.array_equal(expected, each) for each in streamed]
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "3")
    assert np.array_equal(expected, encoder(Audio(samples, RATE)))


def live_one(blocks):
    """Return the blocks as one Audio."""
    return Audio(np.concatenate([block.samples for block in blocks]), RATE)


def test_declaration_of_musicgen_melody():
    """The layer OneHotMaximum after the frames of MusicGen gives the pitch class that is played.

    docs/chroma.md has the declaration.
    """
    encoder = NetEncoder(
        "AudioChroma",
        SampleRate=32000,
        WindowSize=16384,
        Offset=4096,
        PartitionPadding="CenterReflect",
    ).then("OneHotMaximum")
    scale = np.concatenate(
        [np.sin(2 * np.pi * 220 * 2 ** (k / 12) * np.arange(32768) / 32000) for k in range(12)]
    )
    rows = encoder(Audio(scale.astype("f4"), 32000))
    assert 1 + len(scale) // 4096 == len(rows)
    expected = np.eye(12, dtype=np.float32)[[(9 + k) % 12 for k in range(12)]]
    assert np.array_equal(expected, rows[4::8])
