"""Augmentation, compared with audiomentations for equal numbers by ``pytest -m parity``."""

import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from netencoders import Asset, NetEncoder
from netencoders_audio import Audio

pytestmark = [
    pytest.mark.parity,
    pytest.mark.timeout(600),
    # librosa, which reads the files of audiomentations, imports modules that Python has given up.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

DATA = Path(__file__).parents[1] / "data"
SPEECH = soundfile.read(DATA / "ten_of_clubs_16k_mono.wav", dtype="float32")[0]
ROOM = DATA / "five_five_16k_mono.wav"


def ours(kinds):
    """Return the samples and the drawn numbers of the encoder Audio."""
    encoder = NetEncoder("Audio", Augmentation=kinds).training(seed=1)
    audio = Audio(SPEECH, 16000)
    with encoder._encoder.opened(audio) as recording:
        numbers = recording.augmentation.numbers
    return encoder(audio)[:, 0], numbers


def theirs(transform, **parameters):
    """Return the samples of a transform of audiomentations with given parameters."""
    transform.parameters = {"should_apply": True, **parameters}
    transform.are_parameters_frozen = True
    return transform(SPEECH.copy(), 16000)


def test_gain_has_the_same_bits():
    """A factor of Volume is the amplitude ratio of Gain."""
    from audiomentations import Gain

    array, numbers = ours({"Volume": ["LogUniform", 0.25, 4]})
    expected = theirs(Gain(p=1), amplitude_ratio=numbers["Volume"])
    assert expected.tobytes() == array.tobytes()


@pytest.mark.parametrize("bounds", [[-0.3, -0.1], [0.1, 0.3], [5, 6]])
def test_shift_has_the_same_bits(bounds):
    """TimeShift is Shift in seconds, without rollover and without a fade."""
    from audiomentations import Shift

    array, numbers = ours({"TimeShift": bounds})
    transform = Shift(shift_unit="seconds", rollover=False, fade_duration=0.0, p=1)
    expected = theirs(transform, shift_amount=numbers["TimeShift"])
    assert expected.tobytes() == array.tobytes()


def test_white_noise_has_the_same_bits(monkeypatch):
    """Noise is AddGaussianNoise with the same normal numbers."""
    from audiomentations import AddGaussianNoise

    kinds = {"Noise": [0.01, 0.1]}
    array, numbers = ours(kinds)
    encoder = NetEncoder("Audio", Augmentation=kinds).training(seed=1)
    draws = encoder._encoder.draws(Audio(SPEECH, 16000)).part("Noise.samples")
    monkeypatch.setattr(np.random, "randn", lambda count: draws.normal(count))
    expected = theirs(AddGaussianNoise(p=1), amplitude=numbers["Noise"])
    assert expected.tobytes() == array.tobytes()


def test_convolution_agrees_but_for_the_scale():
    """ApplyImpulseResponse scales the peak of the whole response to 0.5; Convolution scales not."""
    from audiomentations import ApplyImpulseResponse

    array, _ = ours({"Convolution": Asset(str(ROOM))})
    transform = ApplyImpulseResponse(str(ROOM), p=1)
    expected = theirs(transform, ir_file_path=str(ROOM))
    room = soundfile.read(ROOM)[0]
    scale = 0.5 / np.abs(np.convolve(SPEECH.astype(np.float64), room)).max()
    np.testing.assert_allclose(expected, array * np.float32(scale), atol=1e-6)


def test_background_noise_agrees_for_the_same_start_and_level(tmp_path):
    """AddBackgroundNoise repeats a short recording, too, and measures its level."""
    from audiomentations import AddBackgroundNoise

    random.seed(0)
    path = tmp_path / "noise.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, 3000).astype(np.float32)
    soundfile.write(path, noise, 16000, subtype="FLOAT")
    array, _ = ours({"Noise": [Asset(str(path)), 0.5]})
    added = array - SPEECH
    start = int(
        np.argmin([np.abs(added[:50] - 0.5 * np.roll(noise, -s)[:50]).max() for s in range(3000)])
    )
    rolled = tmp_path / "rolled.wav"
    soundfile.write(rolled, np.roll(noise, -start), 16000, subtype="FLOAT")
    level = 20 * np.log10(0.5 * np.sqrt(np.square(noise, dtype=np.float64).mean()))
    transform = AddBackgroundNoise(str(rolled), noise_rms="absolute", p=1)
    seconds = len(SPEECH) / 16000
    frozen = {"offset": 0.0, "duration": seconds, "rms_db": level, "snr_db": 0.0}
    expected = theirs(transform, noise_file_path=str(rolled), **frozen)
    np.testing.assert_allclose(expected, array, atol=1e-5)
