"""Sessions of encoders of audio: the rows of fed samples are those of the call, bit for bit."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import EncodeError, NetEncoder, encoders, layers, registered
from netencoders_audio import (
    Audio,
    AudioError,
    AudioMelSpectrogram,
    AudioSpectrogram,
    AudioWarning,
    limits,
)

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, (200_000, 2)).astype(np.float32)
NAMES = [
    name
    for name, record in encoders().items()
    if record.encoder.__module__.startswith("netencoders_audio")
]
# Each way of ending, filling or delaying the samples, and each resampler.
CASES = [
    ("AudioSpectrogram", {}, 16000),
    ("AudioSpectrogram", {"PartitionPadding": [200, 40, "Reflect"]}, 8000),
    ("AudioSpectrogram", {"PartitionPadding": [0, -300, "Zero"], "Channel": "Right"}, 16000),
    ("AudioSpectrogram", {"WindowSize": 100, "Offset": 333, "FFTLength": 113}, 16000),
    ("AudioSpectrogram", {"TransformPrecision": "Double", "RemoveMean": True}, 16000),
    ("AudioMelSpectrogram", {"TargetLength": 6000}, 44100),
    ("AudioMelSpectrogram", {"TargetLength": 60000}, 44100),
    ("AudioMelSpectrogram", {"TargetLength": 6000, "TargetSide": "End"}, 16000),
    ("AudioMelSpectrogram", {"MinimumLength": 9000, "TargetFill": "Repeat"}, 16000),
    ("AudioMelSpectrogram", {"MultipleOf": 512, "Append": 77}, 22050),
    ("AudioMFCC", {"SignalPreEmphasis": 0.9}, 48000),
    ("AudioMFCC", {"Resampling": "ScipyPolyphase"}, 44100),
    ("AudioChroma", {"Resampling": "TorchaudioHann"}, 22050),
    ("AudioSTFT", {"Resampling": "SoxrVHQ"}, 11025),
    ("AudioPartitions", {}, 16000),
    ("Audio", {"ResampledLength": "Ceiling"}, 44100),
]
CHAINS = [
    ["Log", ("Delta", {"Concatenate": True}), ("Stack", {"Size": 3, "Padding": "Repeat"})],
    [("Patches", {"Size": 20, "Offset": 7, "Padding": "Zero"}), "AddAxis"],
    [("Subsample", {"Stride": 3}), ("FitRows", {"Rows": 90, "Side": "Start"}), "Transpose"],
    [("FitRows", {"Rows": ["Multiple", 16], "Action": "Crop"}), "Softmax"],
    [("FitRows", {"Rows": 30}), "Delta", "Transpose"],
    [("Mean", {"Axis": "Features"}), ("Affine", {"Factor": 100.0}), ("Cast", {"Type": "int32"})],
]
# Mostly the sizes of live blocks; also none, one, and more than all samples.
SIZES = st.lists(
    st.one_of(st.sampled_from([0, 1, 320, 882, 100_000]), st.integers(0, 5000)),
    min_size=1,
    max_size=8,
).filter(any)


def pieces(samples, sizes):
    """Yield the samples in pieces of the given sizes, in turn, in memory that is overwritten."""
    place = turn = 0
    while place < len(samples):
        piece = samples[place : place + sizes[turn % len(sizes)]].copy()
        place, turn = place + len(piece), turn + 1
        yield piece
        piece[:] = 99


def pushed(encoder, rate, samples, sizes):
    """Return the joined rows of a session, and the number of rows of each result."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with encoder.session(rate, channels) as session:
        rows = [session.feed(piece) for piece in pieces(samples, sizes)]
        rows.append(session.finish())
    axis = encoder.output.stream_axis
    return np.concatenate(rows, axis), [part.shape[axis] for part in rows]


def chained(encoder, chain):
    """Return an encoder with layers after it."""
    for item in chain:
        encoder = encoder.then(item) if isinstance(item, str) else encoder.then(item[0], **item[1])
    return encoder


def result(action):
    """Return the result of an action, or its EncodeError."""
    try:
        return action()
    except EncodeError as problem:
        return problem


def require_call(encoder, rate, samples, sizes):
    """Require that a session gives the array, or the error, of the call."""
    expected = result(
        lambda: encoder(Audio(samples, rate, samples.shape[1] if samples.ndim == 2 else 1))
    )
    if isinstance(expected, EncodeError):
        problem = result(lambda: pushed(encoder, rate, samples, sizes))
        assert expected.code == problem.code
        assert expected.message.startswith(problem.message)  # a call adds "at 16000 Hz"
        return
    actual, _ = pushed(encoder, rate, samples, sizes)
    assert (expected.shape, expected.dtype) == (actual.shape, actual.dtype)
    assert expected.tobytes() == actual.tobytes()


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=25, deadline=None)
@given(sizes=SIZES, count=st.one_of(st.integers(1, 300), st.integers(300, 30_000)), kind=st.data())
def test_session_equals_call(case, sizes, count, kind):
    """For any split of the samples, of one or two channels, of both types."""
    name, parameters, rate = case
    samples = NOISE[:count]
    if "Channel" not in parameters and kind.draw(st.booleans()):
        samples = samples[:, 0]
    if kind.draw(st.booleans()):
        samples = (samples * 30000).astype(np.int16)
    require_call(NetEncoder(name, **parameters), rate, samples, sizes)


@pytest.mark.parametrize("chain", CHAINS, ids=str)
@settings(max_examples=15, deadline=None)
@given(sizes=SIZES, count=st.integers(1, 30_000))
def test_session_with_layers_equals_call(chain, sizes, count):
    """For any split of the samples, and layers that keep, delay, join and leave out rows."""
    encoder = chained(NetEncoder("AudioMelSpectrogram", NumberOfFilters=6), chain)
    require_call(encoder, 16000, NOISE[:count, 0], sizes)


@pytest.mark.parametrize("name", NAMES)
def test_session_of_each_encoder_equals_call_or_is_refused_as_a_stream(name):
    """Each encoder and preset has a session, unless its stream of an iterator is refused."""
    encoder = NetEncoder(name)
    samples, rate = NOISE[:30_000, 0], 22050
    session = result(lambda: encoder.session(rate))
    if isinstance(session, EncodeError):
        refused = result(lambda: next(encoder.stream(iter([Audio(samples, rate)]))))
        assert ["one-pass"] * 2 == [session.code, refused.code]
        return
    session.close()
    require_call(encoder, rate, samples, [441, 0, 1, 7000])


def test_layers_of_the_whole_input_are_refused():
    """Each shipped layer either has sessions, or is refused by its name before the first sample."""
    encoder = NetEncoder("AudioMelSpectrogram")
    with pytest.raises(
        EncodeError,
        match=r"^session: the layer Standardize needs the whole input before its first row \(leave "
        "the layer out, or collect the input, and encode it by a call",
    ) as caught:
        encoder.then("Standardize").session(16000)
    assert "one-pass" == caught.value.code
    encoder.then("Standardize", Axis="Features").session(16000).close()
    assert "Standardize" in layers()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("AudioSpectrogram", {"Normalization": "Max"}), ("AudioMFCC", {"DynamicRange": 80})],
)
def test_parameters_that_need_two_passes_are_refused(name, parameters):
    """A level of the whole recording is refused before the first sample, with the remedy."""
    encoder = NetEncoder(name, **parameters)
    with pytest.raises(AudioError, match=r"^session: .*set Normalization and Dynamic") as caught:
        encoder.session(16000)
    assert "one-pass" == caught.value.code


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((0,), "invalid-audio", "rate must be an integer >= 1, in Hz. Got 0"),
        (("16 kHz",), "invalid-audio", "rate must be an integer >= 1, in Hz. Got '16 kHz'"),
        ((16000, 0), "invalid-audio", "channels must be an integer >= 1. Got 0"),
        ((16000, 1.0), "invalid-audio", "channels must be an integer >= 1. Got 1.0"),
        ((16000, 10_000), "limit-exceeded", "10000 channels"),
        ((1,), "limit-exceeded", "a ratio of 16000"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(arguments, code, message):
    """The rate and the channels are checked before the first sample."""
    with pytest.raises(AudioError, match=f"^session: .*{re.escape(message)}") as caught:
        NetEncoder("AudioSpectrogram").session(*arguments)
    assert code == caught.value.code
    with pytest.raises(AudioError, match="session: it has no channel 1") as caught:
        NetEncoder("AudioSpectrogram", Channel="Right").session(16000)


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (NOISE[:100], "shape (100, 2) means 2 channels, and channels=1 (give (frames, channels))"),
        (NOISE[:0], "shape (0, 2) means 2 channels, and channels=1"),
        (NOISE[:100, 0].astype("f8"), "of type float64, and the samples before of type float32"),
        ((NOISE[:9, 0] * 9).astype("i2"), "in one type, such as int16 or float32"),
        (b"\0\0", "it takes samples, not bytes (for samples of 16 bits: feed(np.frombuffer("),
        (Audio(NOISE[:9, 0], 8000), "the session has 1 channels at 16000 Hz (begin a session"),
        (Audio(NOISE[:9], 16000), "the session has 1 channels at 16000 Hz"),
        ([1, 2], "samples are a list of int, whose full scale is unknown"),
        (None, "samples of type object are not audio"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(piece, message):
    """A piece of other channels, another type or rate is named, and the session has failed."""
    session = NetEncoder("AudioSpectrogram").session(16000)
    session.feed(NOISE[:500, 0])
    with pytest.raises(AudioError, match=f"^session: .*{re.escape(message)}") as caught:
        session.feed(piece)
    assert "invalid-audio" == caught.value.code
    with pytest.raises(EncodeError, match=r"^session: it has failed before: .*a piece of this one"):
        session.finish()


def test_pieces_of_audio_lists_and_of_nothing_are_taken():
    """A piece may be an Audio, a list of floats, or have no samples of any type."""
    encoder = NetEncoder("Audio")
    with encoder.session(16000, channels=1) as session:
        rows = [
            session.feed(piece)
            for piece in (np.empty(0), Audio([0.5], 16000), [], [0.25, 0.0], np.empty((0, 1)))
        ]
        rows.append(session.finish())
    assert [0.5, 0.25, 0] == np.concatenate(rows)[:, 0].tolist()
    with encoder.session(16000, channels=2) as session:
        assert 0 == len(session.feed(np.empty(0)))
        assert [[0.25]] == session.feed([[0.0, 0.5]]).tolist()


def test_bad_samples_are_refused_with_their_position():
    """The position counts from the start of the session."""
    samples = NOISE[:1000, 0].copy()
    samples[700] = np.nan
    session = NetEncoder("AudioSpectrogram").session(16000)
    session.feed(samples[:320])
    session.feed(samples[320:640])
    with pytest.raises(
        AudioError, match=r"session: the sample at frame 700 of channel 0"
    ) as caught:
        session.feed(samples[640:])
    assert "non-finite" == caught.value.code
    with pytest.raises(EncodeError, match="it has failed before: session: the sample at frame 700"):
        session.feed(NOISE[:9, 0])


def test_session_without_samples_has_the_error_of_the_call():
    """No samples are the error of an empty recording, also if there were empty pieces."""
    encoder = NetEncoder("AudioSpectrogram")
    for count in (0, 3):
        session = encoder.session(16000)
        assert [(0, 201)] * count == [session.feed(np.empty(0)).shape for _ in range(count)]
        with pytest.raises(AudioError, match=r"^session: no samples") as caught:
            session.finish()
        assert ("empty-audio", "failed") == (caught.value.code, session.state)


def test_session_is_limited_in_length():
    """A session beyond `max_hours` is refused, as an iterator without end is."""
    with limits(max_hours=1e-4):
        session = NetEncoder("AudioSpectrogram").session(16000)
        session.feed(NOISE[:5000, 0])
    with pytest.raises(AudioError, match=r"session: .*max_hours") as caught:
        session.feed(NOISE[:5000, 0])  # the limits are those in force at its start
    assert "limit-exceeded" == caught.value.code


def test_warnings_name_the_session():
    """Samples of another scale are a warning that names the session."""
    with NetEncoder("AudioSpectrogram").session(16000) as session:
        with pytest.warns(AudioWarning, match="^session: "):
            session.feed(NOISE[:500, 0] * 100)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session.feed(NOISE[:500, 0] * 100)


def test_rows_come_with_the_feed_that_completes_them():
    """Row i is returned by the feed of the last sample of its partition."""
    encoder = NetEncoder("AudioSpectrogram", WindowSize=400, Offset=160)
    _, counts = pushed(encoder, 16000, NOISE[:6000, 0], [1])
    # The last sample of row i is 160 i + 399.
    complete = [row for row in range(38) if 160 * row + 399 < 6000]
    assert [160 * row + 399 for row in complete] == np.flatnonzero(counts[:-1]).tolist()
    assert {0, 1} == set(counts[:-1])
    assert len(encoder(Audio(NOISE[:6000, 0], 16000))) - len(complete) == counts[-1]
    _, counts = pushed(encoder, 16000, NOISE[:6000, 0], [320])
    assert np.cumsum(counts[:-1]).tolist() == [
        max(0, (min(end, 6000) - 400) // 160 + 1) for end in range(320, 6000 + 320, 320)
    ]


def test_rows_of_features_first_encoders_come_early():
    """The results are along the axis of time, also if features come first."""
    encoder = NetEncoder("AudioMelSpectrogram", NumberOfFilters=9).then("Log").then("Transpose")
    with encoder.session(16000) as session:
        shapes = [session.feed(NOISE[start : start + 320, 0]).shape for start in range(0, 960, 320)]
    assert [(9, 0), (9, 2), (9, 3)] == shapes


def test_compute_that_is_not_row_stable_gets_24_partitions():
    """Without the mark `row_stable`, rows come 24 at a time, with the bits of the call."""

    class Product(AudioMelSpectrogram):
        """Multiplies by a dense matrix."""

        name = "DenseProduct"

        def compute(self, spectrum, spare, out):
            matrix = np.cos(np.arange(spectrum.shape[1] * out.shape[1], dtype="f4"))
            np.matmul(np.abs(spectrum), matrix.reshape(-1, out.shape[1]), out=out)

    with registered(Product):
        encoder = NetEncoder("DenseProduct")
        actual, counts = pushed(encoder, 16000, NOISE[:30_000, 0], [320])
        assert {0, 24} == set(counts[:-1])
        assert encoder(Audio(NOISE[:30_000, 0], 16000)).tobytes() == actual.tobytes()


def test_target_length_ends_the_rows_and_takes_more_samples():
    """After the last needed sample, pieces give no rows, and the end gives none."""
    encoder = NetEncoder("AudioSpectrogram", TargetLength=1000)
    actual, counts = pushed(encoder, 16000, NOISE[:5000, 0], [500])
    assert encoder(Audio(NOISE[:5000, 0], 16000)).tobytes() == actual.tobytes()
    assert [1, 7] + [0] * 9 == counts
    with encoder.session(16000) as session:
        session.feed(NOISE[:5000, 0])
        with pytest.raises(AudioError, match="channels=1"):
            session.feed(NOISE[:100])


def test_session_of_a_subclass_with_its_own_stream():
    """A subclass that changes the blocks of its stream has sessions."""

    class Doubled(AudioSpectrogram):
        """Twice the power."""

        name = "DoubledPower"

        def encode(self, value):
            return 2 * super().encode(value)

        def stream(self, value):
            return (2 * rows for rows in super().stream(value))

    with registered(Doubled):
        require_call(NetEncoder("DoubledPower"), 16000, NOISE[:9999, 0], [320])
