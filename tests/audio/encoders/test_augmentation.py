"""The parameter Augmentation: its values, the drawn numbers, the order, and exact streams."""

import io
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from netencoders import Asset, EncodeError, NetEncoder, ParameterError, PluginError
from netencoders.draws import Draws
from netencoders.policies import policies
from netencoders.randomness import INPUT_ID
from netencoders_audio import Audio, AudioError, mel_filters
from netencoders_audio.encoders.audio_encoder import AudioEncoder
from netencoders_audio.encoders.augmentation import drawn_number
from netencoders_audio.encoders.mel_encoder import KEPT
from netencoders_audio.encoders.signal import waveform
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.stages.cepstrum import cosine_matrix
from netencoders_audio.stages.vocal_tract import warped_frequencies

DATA = Path(__file__).parents[2] / "data"
SPEECH = DATA / "ten_of_clubs_16k_mono.wav"
OTHER = DATA / "five_five_16k_mono.wav"
ENCODERS = (
    "Audio",
    "AudioPartitions",
    "AudioSTFT",
    "AudioSpectrogram",
    "AudioMelSpectrogram",
    "AudioMFCC",
    "AudioChroma",
)
ALL = {
    "TimeShift": [-0.1, 0.1],
    "Volume": ["LogUniform", 0.5, 2],
    "Convolution": Asset(str(OTHER)),
    "Noise": ["Normal", 0.01, 0.001],
}
FACTORS = {name: ALL | {"VTLP": [0.9, 1.1]} for name in ("AudioMelSpectrogram", "AudioMFCC")}


def samples_of(path):
    """Return the samples of a file of 16 bits."""
    return soundfile.read(path, dtype="float32")[0]


def drawn(encoder, value=SPEECH):
    """Return the numbers that an encoder draws for an input."""
    with encoder._encoder.opened(value) as recording:
        return recording.augmentation.numbers


def encoded(kinds, value=SPEECH, **more):
    """Return the waveform of an input, with an augmentation and a seed."""
    return NetEncoder("Audio", Augmentation=kinds, Seed=1, **more)(value)[:, 0]


@pytest.mark.parametrize("name", ENCODERS)
def test_augmentation_has_no_effect_without_a_seed(name):
    """Array, digest and resolved values are those of the encoder without augmentation."""
    plain = NetEncoder(name)
    encoder = NetEncoder(name, Augmentation=FACTORS.get(name, ALL), Epoch=3)
    assert (plain.digest, None, 0) == (
        encoder.digest,
        encoder.resolved["Augmentation"],
        encoder.resolved["Epoch"],
    )
    assert (False, True) == (encoder.is_random, encoder.training(1).is_random)
    np.testing.assert_array_equal(plain(SPEECH), encoder(SPEECH))


@pytest.mark.parametrize("name", ENCODERS)
def test_stream_equals_call_for_any_blocks(name):
    """All kinds together give the same bits in a call, in a stream, and in live streams."""
    audio = Audio(samples_of(SPEECH), 16000)
    encoder = NetEncoder(name, Augmentation=FACTORS.get(name, ALL)).training(seed=3)
    with policies({INPUT_ID: "row"}):
        expected = encoder(audio)
        np.testing.assert_array_equal(expected, np.concatenate([*encoder.stream(audio)]))
        for size in (1000, 7919):
            blocks = (
                Audio(audio.samples[start : start + size], 16000)
                for start in range(0, audio.frames, size)
            )
            np.testing.assert_array_equal(expected, np.concatenate([*encoder.stream(blocks)]))
        with encoder.session(rate=16000) as session:
            pieces = [session.feed(audio.samples[:5000]), session.feed(audio.samples[5000:])]
            pieces.append(session.finish())
        np.testing.assert_array_equal(expected, np.concatenate(pieces))


@pytest.mark.parametrize("normalization", ["Max", ("RMS", 0.1), ("Standard", 1e-7)])
def test_normalization_comes_after_the_augmentation(normalization):
    """It measures the augmented samples, in two passes with the same random numbers."""
    encoder = NetEncoder("Audio", Augmentation=ALL, Normalization=normalization).training(1)
    actual = encoder(SPEECH)
    np.testing.assert_array_equal(actual, np.concatenate([*encoder.stream(SPEECH)]))
    raw = encoder.replace(Normalization=None)
    # The digest differs, and with it the numbers: so an id and one digest for both.
    raw._encoder._unseeded_digest = encoder._encoder._unseeded_digest
    unscaled = raw(SPEECH)
    kind = normalization if isinstance(normalization, tuple) else ("Max", 1.0)
    if kind[0] == "Max":
        expected = unscaled / np.abs(unscaled).max()
    elif kind[0] == "RMS":
        expected = unscaled * 0.1 / np.sqrt(np.square(unscaled, dtype=float).mean())
    else:
        expected = (unscaled - unscaled.mean()) / unscaled.std()
    np.testing.assert_allclose(expected, actual, atol=1e-5)


def test_kinds_are_applied_in_the_stated_order():
    """TimeShift, Volume, Convolution and Noise: a naive chain of them gives the same samples."""
    kinds = {"Noise": 0.01, "Convolution": Asset(str(OTHER)), "Volume": 2, "TimeShift": 0.5}
    encoder = NetEncoder("Audio", Augmentation=kinds).training(1)
    samples = samples_of(SPEECH).astype(np.float64)
    shifted = np.concatenate([np.zeros(8000), samples[:-8000]])
    response = samples_of(OTHER).astype(np.float64)
    wet = np.convolve(2 * shifted, response)[: len(samples)]
    draws = encoder._encoder.draws(SPEECH).part("Noise.samples")
    expected = wet + 0.01 * draws.normal(len(samples))
    np.testing.assert_allclose(expected, encoder(SPEECH)[:, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("shift", "offset"), [(0.01, 160), (-0.01, -160), ("10 ms", 160), ("-2.5 ms", -40), (1e-5, 0)]
)
def test_time_shift(shift, offset):
    """Zeros take the place of the samples that are moved away; the length stays."""
    samples = samples_of(SPEECH)
    padded = np.pad(samples, 200)
    expected = padded[200 - offset : 200 - offset + len(samples)]
    np.testing.assert_array_equal(expected, encoded({"TimeShift": shift}))


def test_volume_is_a_factor():
    """It is no level in decibels."""
    np.testing.assert_array_equal(samples_of(SPEECH) * np.float32(0.3), encoded({"Volume": 0.3}))


def test_noise_is_white_with_a_standard_deviation():
    """The difference to the recording is the drawn noise."""
    encoder = NetEncoder("Audio", Augmentation={"Noise": 0.1}).training(1)
    normal = encoder._encoder.draws(SPEECH).part("Noise.samples").normal
    samples = samples_of(SPEECH)
    noise = np.float32(0.1) * normal(len(samples)).astype(np.float32)
    np.testing.assert_array_equal(samples + noise, encoder(SPEECH)[:, 0])
    assert 0.1 == pytest.approx(noise.std(), rel=0.02)


def test_noise_of_a_recording(tmp_path):
    """It is resampled, repeated from a drawn sample on, and multiplied by its level."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.arange(1, 101) / 128, 16000, subtype="FLOAT")
    recording = samples_of(path)
    samples = samples_of(SPEECH)
    encoder = NetEncoder("Audio", Augmentation={"Noise": [Asset(str(path)), 0.5]}).training(1)
    added = encoder(SPEECH)[:, 0] - samples
    start = round(float(added[0]) / 0.5 * 128) - 1
    expected = 0.5 * recording[(start + np.arange(len(samples))) % 100]
    np.testing.assert_allclose(expected, added, atol=1e-6)
    starts = {round(float(v[0, 0] - samples[0]) * 256) for v in _epochs(encoder, 20)}
    assert len(starts) > 10
    alone = encoded({"Noise": Asset(str(path))}) - samples
    assert 100 / 128 == pytest.approx(alone.max(), abs=1e-5)


def _epochs(encoder, count):
    return [encoder.training(1, epoch=epoch)(SPEECH) for epoch in range(count)]


def test_convolution_resamples_and_draws_a_recording(tmp_path):
    """An impulse response has the rate of the encoder; of several, each input has one."""
    paths = []
    for factor in (1, 2):
        path = tmp_path / f"{factor}.wav"
        response = np.zeros(200)
        response[100] = 0.25 * factor
        soundfile.write(path, response, 8000, subtype="FLOAT")
        paths.append(Asset(str(path)))
    encoder = NetEncoder("Audio", SampleRate=8000, Augmentation={"Convolution": paths}).training(1)
    audio = Audio(np.pad(samples_of(SPEECH)[::2], 200), 8000)
    factors = []
    for epoch in range(20):
        array = encoder.training(1, epoch=epoch)(audio)[:, 0]
        factors.append(round(float(np.linalg.norm(array) / np.linalg.norm(audio.samples)), 3))
    assert {0.25, 0.5} == set(factors)
    fast = NetEncoder("Audio", Augmentation={"Convolution": paths[0]}).training(1)
    impulse = fast(Audio(np.array([1.0] + [0.0] * 999, np.float32), 16000))[:, 0]
    # The same filter at twice the rate: a pulse of the same sum, which is twice as wide.
    assert 0.25 == pytest.approx(impulse.sum(), rel=1e-3)
    assert 0.125 == pytest.approx(impulse.max(), rel=0.1)
    assert 200 == impulse.argmax()


def test_vtlp_moves_the_filters():
    """The bands are those of filters whose edges are warped; the waveform does not change."""
    encoder = NetEncoder("AudioMelSpectrogram", Augmentation={"VTLP": 0.9}, MelScale="Slaney")
    actual = encoder.training(1)(SPEECH)
    spectrogram = NetEncoder("AudioSpectrogram")(SPEECH)
    edges = warped_frequencies(_edges(40), 0.9, 16000)
    bins = np.arange(201) * 40.0
    filters = np.stack(
        [np.interp(bins, edges[i : i + 3], [0, 1, 0], left=0, right=0) for i in range(40)],
        axis=1,
    )
    np.testing.assert_allclose(spectrogram @ filters, actual, rtol=1e-4, atol=1e-6)
    plain = NetEncoder("AudioMelSpectrogram", MelScale="Slaney")
    same = plain.replace(Augmentation={"VTLP": 1}).training(1)
    np.testing.assert_array_equal(plain(SPEECH), same(SPEECH))
    assert mel_filters(40, 400, 16000, warp=1.0).tobytes() == mel_filters(40, 400, 16000).tobytes()


def _edges(count):
    """Return the band edges of Slaney's scale from 0 to 8000 Hz."""
    top = 15 + 27 * np.log(8) / np.log(6.4)
    mel = np.linspace(0, top, count + 2)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)))


@pytest.mark.parametrize("dynamic_range", [None, 80])
def test_vtlp_of_mfcc(dynamic_range):
    """The coefficients are those of the warped mel bands, also with a DynamicRange."""
    kinds = {"Augmentation": {"VTLP": 1.2}}
    mfcc = NetEncoder("AudioMFCC", NumberOfCoefficients=40, DynamicRange=dynamic_range, **kinds)
    mel = NetEncoder("AudioMelSpectrogram", **kinds).training(1)(SPEECH)
    floor = 1e-10 if dynamic_range is None else max(1e-10, mel.max() * 1e-8)
    matrix = cosine_matrix(40, 40, "Fourier", mfcc.resolved["Liftering"])
    actual = mfcc.training(1)(SPEECH)
    np.testing.assert_allclose(np.log(np.maximum(mel, floor)) @ matrix, actual, atol=1e-3)
    np.testing.assert_array_equal(actual, np.concatenate([*mfcc.training(1).stream(SPEECH)]))


def test_an_encoder_keeps_few_warped_filters():
    """Each input has its own filters, and the memory is bounded."""
    encoder = NetEncoder("AudioMelSpectrogram", Augmentation={"VTLP": [0.8, 1.2]}).training(1)
    for number in range(3 * KEPT):
        with policies({INPUT_ID: str(number)}):
            encoder(SPEECH)
    assert KEPT == len(encoder._encoder._copies)


def test_subclass_with_its_own_compute_has_warped_filters():
    """A third-party encoder that extends the mel spectrogram needs no change."""
    from netencoders import registered
    from netencoders_audio import AudioMelSpectrogram, row_stable

    class Root(AudioMelSpectrogram):
        """The root of the mel spectrogram."""

        name = "Root"

        @row_stable
        def compute(self, spectrum, spare, out):
            super().compute(spectrum, spare, out)
            np.sqrt(out, out=out)

    kinds = {"Augmentation": {"VTLP": 0.8}, "Seed": 1}
    with registered(Root):
        actual = NetEncoder("Root", **kinds)(SPEECH)
    expected = np.sqrt(NetEncoder("AudioMelSpectrogram", **kinds)(SPEECH))
    np.testing.assert_allclose(expected, actual, rtol=1e-5)


def test_numbers_of_distributions():
    """Means, deviations and bounds of many draws, with a fixed seed."""
    draws = [Draws(bytes(16)).part(str(number)) for number in range(20_000)]

    def many(declared, low=-100, high=100):
        return np.array([drawn_number(declared, each, low, high) for each in draws])

    assert {0.5} == set(many(0.5))
    uniform = many((2.0, 4.0))
    assert (3.0, 1 / 3) == (
        pytest.approx(uniform.mean(), abs=0.02),
        pytest.approx(uniform.var(), abs=0.01),
    )
    assert 2 <= uniform.min() < 2.01
    assert 3.99 < uniform.max() <= 4
    decibels = 20 * np.log10(many(("LogUniform", 0.5, 2.0)))
    assert 0 == pytest.approx(decibels.mean(), abs=0.1)
    assert (12.041 / 12**0.5) == pytest.approx(decibels.std(), rel=0.02)
    normal = many(("Normal", 1.0, 0.5))
    assert (1.0, 0.5) == (
        pytest.approx(normal.mean(), abs=0.02),
        pytest.approx(normal.std(), rel=0.02),
    )
    clipped = many(("Normal", 0.0, 1.0), 0, 1.5)
    assert (0, 1.5) == (clipped.min(), clipped.max())
    assert 0.5 == pytest.approx((clipped == 0).mean(), abs=0.02)
    for value in np.linspace(0.1, 10, 300).tolist():  # the rounding leaves no range
        assert value == drawn_number(("LogUniform", value, value), draws[0], 0, 100)


def test_draws_depend_on_the_content_and_not_on_the_name(tmp_path):
    """A file that is renamed, its bytes and a file object give the same array."""
    encoder = NetEncoder("Audio", Augmentation=ALL).training(1)
    moved = tmp_path / "moved.wav"
    shutil.copy(SPEECH, moved)
    expected = encoder(SPEECH)
    values = {
        "path": moved,
        "text": str(moved),
        "bytes": SPEECH.read_bytes(),
        "file": io.BytesIO(SPEECH.read_bytes()),
        "dict": {"path": "x/y.wav", "bytes": SPEECH.read_bytes()},
        "AudioFile": Audio.open(moved),
    }
    for value in values.values():
        np.testing.assert_array_equal(expected, encoder(value))
    with open(moved, "rb") as file:
        np.testing.assert_array_equal(expected, encoder(file))
        assert 0 == file.tell()
    with soundfile.SoundFile(moved) as file:
        np.testing.assert_array_equal(expected, encoder(file))
    samples = samples_of(SPEECH)
    audio = encoder(Audio(samples, 16000))
    np.testing.assert_array_equal(audio, encoder({"array": samples, "sampling_rate": 16000}))
    np.testing.assert_array_equal(audio, encoder(Audio(samples[:, np.newaxis], 16000)))
    changed = samples.copy()
    changed[-1] = 0.5
    # All numbers differ, not only those of the changed sample.
    assert drawn(encoder, Audio(samples, 16000)) != drawn(encoder, Audio(changed, 16000))


def test_parts_of_a_file_have_numbers_of_their_own():
    """A start, a stop or a channel is part of the content; equal parts are equal."""
    encoder = NetEncoder("Audio", Augmentation={"Volume": [0.1, 1]}).training(1)
    values = [
        SPEECH,
        Audio.open(SPEECH, start=0.1),
        Audio.open(SPEECH, start=0.2),
        Audio.open(SPEECH, stop=0.5),
        Audio.open(SPEECH, channel=0),
    ]
    assert len(values) == len({drawn(encoder, value)["Volume"] for value in values})
    same = {"path": str(SPEECH), "start": 0.1}
    assert drawn(encoder, values[1]) == drawn(encoder, same)


def test_live_input_needs_an_id():
    """Blocks that are read once have no content to hash: the error says how to give an id."""
    encoder = NetEncoder("Audio", Augmentation={"Noise": 0.1}).training(1)
    for use in (
        lambda: list(encoder.stream(iter([Audio(np.zeros(10, np.float32), 16000)]))),
        lambda: encoder.session(rate=16000),
        lambda: encoder(_Pipe(SPEECH.read_bytes())),
    ):
        with pytest.raises(EncodeError, match=r"and it has no id; .* is read once") as caught:
            use()
        assert "no-input-id" == caught.value.code
        assert "netencoders.input_id" in caught.value.remedy


class _Pipe(io.BytesIO):
    """A file object that cannot seek."""

    def seekable(self):
        """Return False."""
        return False


def test_missing_file_has_the_error_of_its_opening():
    """The content is read first, with the same errors."""
    encoder = NetEncoder("Audio", Augmentation={"Noise": 0.1})
    messages = []
    for each in (encoder, encoder.training(1)):
        with pytest.raises(AudioError, match="no such file") as caught:
            each("nowhere.wav")
        messages.append((caught.value.code, str(caught.value)))
    assert messages[0] == messages[1]


def test_waveform_of_a_recording_that_was_not_opened_by_the_encoder():
    """A plugin that leaves out `opened` is told so; nothing stays unchanged in silence."""
    resolved = NetEncoder("Audio", Augmentation={"Noise": 0.1}).training(1).resolved
    with open_recording(SPEECH) as recording, pytest.raises(PluginError, match=r"self\.opened"):
        waveform(recording, resolved)


def test_audio_encoder_may_declare_randomness_of_its_own():
    """An encoder without Augmentation that draws keeps its declaration, and needs a Seed."""
    assert AudioEncoder.is_random is False
    with pytest.raises(PluginError, match="declares the parameter 'Seed'"):
        type("Own", (AudioEncoder,), {"name": "Own", "is_random": True, "parameters": ()})


def test_target_length_cuts_before_the_augmentation():
    """The shift moves the samples that the encoder keeps; those after the cut are not read."""
    actual = encoded({"TimeShift": -0.01}, TargetLength=1000)
    expected = np.concatenate([samples_of(SPEECH)[160:1000], np.zeros(160)])
    np.testing.assert_array_equal(expected.astype(np.float32), actual)


def test_explained_stages_have_the_numbers_of_the_array():
    """The waveform of a page is that which the array was made of, and so is the player's."""
    encoder = NetEncoder("AudioMelSpectrogram", Augmentation={"Volume": [0.1, 1]}).training(1)
    factor = np.float32(drawn(encoder)["Volume"])
    stages = {stage.name: stage.array for stage in encoder._encoder.stages(SPEECH, 30.0)}
    np.testing.assert_array_equal(samples_of(SPEECH) * factor, stages["Audio"][:, 0])
    np.testing.assert_array_equal(encoder(SPEECH), stages["AudioMelSpectrogram"])
    media = encoder._encoder.media(SPEECH, 30.0)
    played = soundfile.read(io.BytesIO(media.data), dtype="float32")[0]
    np.testing.assert_allclose(samples_of(SPEECH) * factor, played, atol=1e-4)


def test_declarations_are_kept(tmp_path):
    """YAML, JSON and a spec with an asset declare equal encoders."""
    shutil.copy(OTHER, tmp_path / "room.wav")
    (tmp_path / "spec.yaml").write_text(
        "schema: 1\nencoder: AudioMFCC\nparameters:\n  Seed: 1\n  Augmentation:\n"
        "    TimeShift: [-100 ms, 0.1]\n    VTLP: [0.9, 1.1]\n    Noise: [{asset: room.wav}, 0.1]\n"
        "    Convolution: {asset: room.wav}\n    Volume: [Normal, 1, 0.1]\n"
    )
    room = Asset(str(OTHER))
    kinds = {
        "Volume": ("Normal", 1, 0.1),
        "VTLP": ("Uniform", 0.9, 1.1),
        "Convolution": room,
        "Noise": (room, 0.1),
        "TimeShift": (-0.1, 0.1),
    }
    encoder = NetEncoder("AudioMFCC", Augmentation=kinds, Seed=1)
    assert encoder == NetEncoder.from_yaml(tmp_path / "spec.yaml")
    assert encoder == NetEncoder.from_yaml(encoder.to_yaml())
    assert encoder == NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert encoder.digest != encoder.replace(Augmentation=kinds | {"Noise": (room, 0.2)}).digest


BAD = {
    "unknown": ({"Niose": 0.1}, r"'Niose' is not a name in it\. Did you mean 'Noise'"),
    "warp": ({"VTLP": 1}, r"VTLP moves mel filters: it is for AudioMelSpectrogram and AudioMFCC"),
    "empty": ({}, "It has 0 values"),
    "negative": (
        {"Noise": -0.1},
        r"The value of 'Noise' must be a number from 0 to 1000, .* Got -0",
    ),
    "volume": ({"Volume": [-1, 1]}, "The value of 'Volume' must be a number from 0 to 1000, "),
    "order": ({"Volume": [1, 0.5]}, "first number of a range must not be above the second"),
    "shift": ({"TimeShift": 61}, "The value of 'TimeShift' must be a number from -60 to 60"),
    "duration": ({"TimeShift": "1 sec"}, "A duration is a number with a unit"),
    "name": ({"Noise": ["Gauss", 0, 1]}, r"The value of 'Noise' must be .*\['Gauss', 0, 1\]\.$"),
    "deviation": ({"Volume": ["Normal", 1, -1]}, "The value of 'Volume' must be"),
    "logarithm": ({"Volume": ["LogUniform", 0, 1]}, "The value of 'Volume' must be"),
    "level": ({"Noise": [Asset(str(OTHER)), -1]}, r"The value of 'Noise' must be .*, -1\]\.$"),
    "text": ({"Convolution": "room.wav"}, r"For a file, pass Asset\(path\)"),
    "missing": ({"Convolution": Asset("nowhere.wav")}, r"nowhere\.wav: there is no such file"),
    "suffix": ({"Convolution": Asset("README.md")}, r"the name of the file must end in \.wav"),
    "bytes": ({"Convolution": b"RIFF"}, "It is not a recording that can be read: "),
    "number": ({"Convolution": 1}, "The value of 'Convolution' must be a recording"),
    "list": ({"Convolution": [b"a"]}, "The value of 'Convolution' must be a recording"),
    "no mapping": ("Noise", r"'Augmentation' must be None or a mapping of some of TimeShift, Vol"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_values_are_refused(case):
    """The message names the kind, its values and the value, and a near name."""
    kinds, message = BAD[case]
    with pytest.raises(ParameterError, match=message):
        NetEncoder("Audio", Augmentation=kinds)


def test_long_and_empty_recordings_are_refused():
    """A recording is held in memory, so its length has a limit; it needs a sample."""
    for kind, seconds in {"Noise": 60, "Convolution": 10}.items():
        file = io.BytesIO()
        soundfile.write(file, np.zeros(seconds * 8000 + 1, np.int16), 8000, format="WAV")
        message = f"The recording is longer than {seconds} s, the limit"
        with pytest.raises(ParameterError, match=message):
            NetEncoder("Audio", Augmentation={kind: file.getvalue()})
    file = io.BytesIO()
    soundfile.write(file, np.zeros(0, np.int16), 8000, format="WAV")
    with pytest.raises(ParameterError, match=r"no samples|not a recording"):
        NetEncoder("Audio", Augmentation={"Noise": file.getvalue()})


def test_recordings_are_checked_when_the_encoder_is_created():
    """NaN, a truncated file also with a policy, and no sample at SampleRate are refused at once."""
    file = io.BytesIO()
    soundfile.write(file, np.array([0.5, np.nan]), 8000, format="WAV", subtype="FLOAT")
    with pytest.raises(ParameterError, match="It is not a recording that can be read"):
        NetEncoder("Audio", Augmentation={"Convolution": file.getvalue()})
    cut = SPEECH.read_bytes()[:10_000]
    with policies({"truncated": "warn"}), pytest.raises(ParameterError, match="its header claims"):
        NetEncoder("Audio", Augmentation={"Convolution": cut})
    file = io.BytesIO()
    soundfile.write(file, np.array([0.5]), 48_000, format="WAV")
    encoder = NetEncoder("Audio", SampleRate=8000, Augmentation={"Noise": file.getvalue()})
    message = "recordings for Noise with a sample at 8000 Hz. Got one of 1 at 48000 Hz"
    with pytest.raises(ParameterError, match=message):
        encoder.training(1)


def test_no_warning_and_no_clipping():
    """Augmented samples may exceed full scale, as samples of floats may."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert encoded({"Volume": 1000}).max() > 10


@pytest.mark.parametrize("name", ["Audio", "AudioMFCC"])
def test_any_worker_and_process_gives_the_same_bits(name):
    """Threads, worker processes and the order have no effect."""
    encoder = NetEncoder(name, Augmentation=FACTORS.get(name, ALL)).training(2, epoch=1)
    values = [SPEECH, OTHER, str(SPEECH), OTHER.read_bytes(), Audio(samples_of(OTHER), 16000)] * 2
    expected = [encoder(value).tobytes() for value in values]
    for options in ({"workers": 1}, {"workers": 3}, {"workers": 2, "isolate": True}):
        actual = [array.tobytes() for array in encoder.map(values, **options)]
        assert expected == actual
    assert expected[::-1] == [encoder(value).tobytes() for value in reversed(values)]
    with policies({INPUT_ID: "one"}):
        expected = encoder(SPEECH).tobytes()
        assert expected == next(encoder.map([SPEECH], isolate=True)).tobytes()
