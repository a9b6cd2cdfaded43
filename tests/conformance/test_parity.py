"""The rows, compared with the installed libraries by ``pytest -m parity``; all must be there."""

import numpy as np
import pytest
from cannot import CANNOT
from golden import LENGTHS, error, load, ours, recording
from libraries import DOCUMENTED, evaluate
from rows import ROWS

from netencoders import NetEncoder
from netencoders_audio import Audio

# At their first use, numba compiles functions of librosa, which takes time.
pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

INSTALLED = [row for row in ROWS if row.library not in DOCUMENTED]


def name(row):
    """Return the name of a row's test."""
    return row.name


def installed_result(row, samples):
    """Return the result of the installed library."""
    return evaluate(row.library, row.call, samples.copy())  # torch refuses read-only arrays


@pytest.mark.parametrize("row", INSTALLED, ids=name)
def test_declarations_give_the_arrays_of_libraries(row):
    """The declaration and the golden array agree with the installed library."""
    array = installed_result(row, recording())
    assert error(ours(row.same), array) <= row.tolerance
    assert error(load(row.library)[row.name], array) <= row.tolerance


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("row", INSTALLED, ids=name)
def test_other_lengths_agree_with_the_library(row, length):
    """The declaration agrees with the library for other lengths of the recording."""
    samples = recording()[:length]
    assert error(ours(row.same, samples), installed_result(row, samples)) <= row.tolerance


@pytest.mark.parametrize("new_rate", [8000, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize(
    ("resampler", "options"),
    [
        ("TorchaudioHann", {}),
        (
            "TorchaudioKaiser",
            {
                "lowpass_filter_width": 64,
                "rolloff": 0.9475937167399596,
                "resampling_method": "sinc_interp_kaiser",
                "beta": 14.769656459379492,
            },
        ),
    ],
)
def test_resampling_agrees_with_torchaudio(resampler, options, rate, new_rate):
    """Noise of full scale agrees to 1e-5 for pairs of common rates, also in its length (A45)."""
    import torch
    from torchaudio.functional import resample

    samples = np.random.default_rng(0).uniform(-1, 1, rate + 17).astype(np.float32)
    expected = resample(torch.from_numpy(samples), rate, new_rate, **options).numpy()
    array = NetEncoder("Audio", SampleRate=new_rate, Resampling=resampler)(Audio(samples, rate))
    assert expected.shape == array[:, 0].shape
    assert np.abs(expected - array[:, 0]).max() <= 1e-5


@pytest.mark.parametrize("quality", ["hq", "vhq", "mq"])
@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000])
def test_resampling_agrees_with_librosa(quality, rate):
    """The samples and the length of each quality of soxr are librosa's, with Ceiling (A46)."""
    import librosa

    samples = np.random.default_rng(0).uniform(-1, 1, rate + 17).astype(np.float32)
    expected = librosa.resample(samples, orig_sr=rate, target_sr=16000, res_type=f"soxr_{quality}")
    declared = {"Resampling": f"Soxr{quality.upper()}", "ResampledLength": "Ceiling"}
    array = NetEncoder("Audio", **declared)(Audio(samples, rate))
    np.testing.assert_array_equal(expected, array[:, 0], strict=True)


@pytest.mark.parametrize("row", [row for row in CANNOT if row.library not in DOCUMENTED], ids=name)
def test_rows_that_cannot_be_declared_agree_with_the_golden_array(row):
    """The installed library agrees with the golden array of a row that cannot be declared."""
    assert error(load(row.library)[row.name], installed_result(row, recording())) <= row.tolerance
