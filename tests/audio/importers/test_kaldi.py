"""The options of Kaldi's compute-fbank-feats and compute-mfcc-feats."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import ConfigError, NetEncoder
from netencoders_audio import Audio

FLOOR = 1.1920929e-07
BITS = 32768.0**2


def imported(part: str, *lines: str) -> NetEncoder:
    """Return the encoder of options without dither, and without energy for mfcc."""
    given = ["--dither=0", *(["--use-energy=false"] if part == "mfcc" else []), *lines]
    options = dict(line.split("=") for line in given)
    return NetEncoder.from_config(options, part=part)


COMMON: dict[str, Any] = {
    "WindowSize": 400,
    "Offset": 160,
    "PartitionPadding": None,
    "WindowFunction": "povey_symmetric",
    "RemoveMean": True,
    "PreEmphasis": 0.97,
    "FFTLength": 512,
    "NumberOfFilters": 23,
    "MinimumFrequency": 20,
    "FilterSlopes": "Mel",
    "EmptyFilters": "Zero",
}


def test_defaults_of_fbank_are_those_of_kaldi() -> None:
    """Without options except dither, the encoder has Kaldi's defaults, for samples of 16 bits."""
    expected = (
        NetEncoder("AudioMelSpectrogram", **COMMON)
        .then("Log", Floor=FLOOR / BITS)
        .then("Affine", Shift=math.log(BITS))
    )
    assert expected.digest == imported("fbank").digest


def test_defaults_of_mfcc_are_those_of_kaldi() -> None:
    """Without options except dither and energy, the encoder has Kaldi's defaults."""
    shift = [math.log(BITS) * math.sqrt(23), *[0] * 12]
    expected = NetEncoder(
        "AudioMFCC",
        **COMMON,
        LogarithmFloor=FLOOR / BITS,
        CosineScaling="Orthonormal",
        Liftering=22,
    ).then("Affine", Shift=shift)
    assert expected.digest == imported("mfcc").digest


VALUES: list[tuple[str, str, dict[str, Any]]] = [
    ("fbank", "--sample-frequency=8000", {"SampleRate": 8000, "WindowSize": 200, "Offset": 80}),
    ("fbank", "--frame-length=32", {"WindowSize": 512}),
    ("fbank", "--frame-shift=12.5", {"Offset": 200}),
    ("fbank", "--snip-edges=false", {"PartitionPadding": (120, 200, "Symmetric")}),
    ("fbank", "--window-type=hanning", {"WindowFunction": "hann_symmetric"}),
    ("fbank", "--window-type=rectangular", {"WindowFunction": "boxcar"}),
    ("fbank", "--preemphasis-coefficient=0", {"PreEmphasis": 0.0}),
    ("fbank", "--remove-dc-offset=f", {"RemoveMean": False}),
    ("fbank", "--round-to-power-of-two=false", {"FFTLength": 400}),
    ("fbank", "--Num_Mel_Bins=80", {"NumberOfFilters": 80}),
    ("fbank", "--low-freq=60", {"MinimumFrequency": 60.0}),
    ("fbank", "--high-freq=-400", {"MaximumFrequency": 7600.0}),
    ("fbank", "--high-freq=7000", {"MaximumFrequency": 7000.0}),
    ("fbank", "--channel=1", {"Channel": 1}),
    ("fbank", "--use-power=false", {"Power": 1}),
    ("mfcc", "--num-ceps=20", {"NumberOfCoefficients": 20}),
    ("mfcc", "--cepstral-lifter=0", {"Liftering": None}),
]


@pytest.mark.parametrize(("part", "option", "expected"), VALUES)
def test_option_sets_its_parameters(part: str, option: str, expected: dict[str, Any]) -> None:
    """Each option sets the parameters that declare it."""
    found = imported(part, option).resolved
    assert expected == {name: found[name] for name in expected}


LAYERS = [
    ("--use-log-fbank=false", f'NetLayer("Affine", Factor={BITS})'),
    ("--use-power=false", f'NetLayer("Affine", Shift={math.log(32768)})'),
    ("--subtract-mean=true", "NetLayer(\"Standardize\", Statistics='Mean')"),
]


@pytest.mark.parametrize(("option", "expected"), LAYERS)
def test_option_sets_the_last_layer(option: str, expected: str) -> None:
    """An option changes the last layer, or adds one."""
    assert expected == repr(imported("fbank", option).layers[-1])


WRONG = [
    (
        "fbank",
        "--dither=1",
        r"'--dither' must be 0\. Got 1\.0\. It adds random noise.* add --dithe",
    ),
    (
        "fbank",
        "--use-energy=true",
        r"'--use-energy' must be False\. Got True\. .* --use-energy=fal",
    ),
    (
        "fbank",
        "--htk-compat=true",
        r"'--htk-compat' must be False\. Got True\. It changes the orde",
    ),
    ("fbank", "--window-type=sine", r"'--window-type' must be 'povey', 'hanning', .*Got 'sine'"),
    ("fbank", "--blackman-coeff=0.4", r"'--blackman-coeff' must be 0\.42\. Got 0\.4"),
    ("fbank", "--vtln-warp=1.1", r"'--vtln-warp' must be 1\. Got 1\.1\. Filters cannot be warped"),
    ("fbank", "--vtln-map=ark:w", r"'--vtln-map' must be ''\. Got 'ark:w'"),
    ("fbank", "--min-duration=1", r"'--min-duration' must be 0\. Got 1\.0\. Short recordings are"),
    ("fbank", "--output-format=htk", r"'--output-format' must be 'kaldi'\. Got 'htk'"),
    ("fbank", "--num-mel-bins=4.5", r"'--num-mel-bins' must be an integer from 1 .* Got '4\.5'"),
    ("fbank", "--snip-edges=no", r"'--snip-edges' must be True or False\. Got 'no'"),
    ("fbank", "--low-freq=1_0", r"'--low-freq' must be a number >= 0\. Got '1_0'"),
    ("fbank", "--num-ceps=13", r"unknown field '--num-ceps' of compute_fbank_feats\."),
    ("mfcc", "--use-power=true", r"unknown field '--use-power' of compute_mfcc_feats\. It may"),
    (
        "mfcc",
        "--use-energy=true",
        r"'--use-energy' must be False\. Got True\. No encoder has the en",
    ),
    ("mfcc", "--num-ceps=24", r"'--num-ceps' must be at most '--num-mel-bins', 23\. Got 24"),
    ("fbank", "--sample-frequency=16000.5", r"'--sample-frequency' must be a whole number\. Got 1"),
    ("fbank", "--frame-shift=0.01", r"'--frame-length' and '--frame-shift', in ms, must .* 400 an"),
    (
        "fbank",
        "--high-freq=9000",
        r"the encoder that the config declares is refused\. .*MaximumFre",
    ),
]


@pytest.mark.parametrize(("part", "option", "message"), WRONG)
def test_option_that_cannot_be_honoured_is_refused(part: str, option: str, message: str) -> None:
    """An unknown option, a text of another type, and a value without an encoder are refused."""
    name, _, value = option.partition("=")
    options = {"--dither": "0", "--use-energy": "false", name: value}
    with pytest.raises(ConfigError, match=message):
        NetEncoder.from_config(options, part=part)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--frame-shift=30", "--snip-edges=false"), r"'--snip-edges' must be True if '--frame-sh"),
        (
            ("--sample-frequency=11025", "--round-to-power-of-two=false"),
            r"'--round-to-power-of-two' must be True if a frame .* Got False, and 275 samples",
        ),
        (("--low-freq=20", "--Low_Freq=30"), r"the option '--low-freq' is repeated: remove one"),
    ],
)
def test_options_that_contradict_are_refused(options: tuple[str, ...], message: str) -> None:
    """Options that are valid alone, and not together, are refused."""
    with pytest.raises(ConfigError, match=message):
        imported("fbank", *options)


def test_missing_dither_and_energy_have_the_defaults_of_kaldi(tmp_path: Path) -> None:
    """A file without --dither=0 is refused: Kaldi adds noise by default, also at inference."""
    (tmp_path / "mfcc.conf").write_text("# none\n")
    with pytest.raises(ConfigError, match="add --dither=0") as caught:
        NetEncoder.from_config(tmp_path / "mfcc.conf")
    assert ["--dither", "--use-energy"] == [field for field, _ in caught.value.problems]
    (tmp_path / "fbank.conf").write_text("\n")
    with pytest.raises(ConfigError, match=r"fbank.conf: '--dither' must be 0\. Got 1\.0"):
        NetEncoder.from_config(tmp_path / "fbank.conf")


def test_name_of_the_file_tells_the_part(tmp_path: Path) -> None:
    """The options do not tell fbank from mfcc: the name of the file does, or the user."""
    for name in ("fbank_hires.conf", "mfcc.conf", "features.conf"):
        (tmp_path / name).write_text("--dither=0 # no noise\n\n--use-energy=false\n")
    fbank = NetEncoder.from_config(tmp_path / "fbank_hires.conf")
    assert "AudioMelSpectrogram" == fbank.name
    assert "AudioMFCC" == NetEncoder.from_config(tmp_path / "mfcc.conf").name
    with pytest.raises(ConfigError, match="Choose one: part must be one of 'fbank', 'mfcc'"):
        NetEncoder.from_config(tmp_path / "features.conf")
    assert fbank == NetEncoder.from_config(tmp_path / "features.conf", part="fbank")
    with pytest.raises(ConfigError, match=r"part must be one of 'mfcc'\. Got 'fbank'"):
        NetEncoder.from_config(tmp_path / "mfcc.conf", part="fbank")


def test_option_without_a_value_is_true(tmp_path: Path) -> None:
    """An option without a value is true, and spaces around its parts are left out."""
    (tmp_path / "fbank.conf").write_text("  --dither = 0\n--subtract-mean\n")
    assert "Standardize" == NetEncoder.from_config(tmp_path / "fbank.conf").layers[-1].name


def test_samples_are_those_of_16_bits() -> None:
    """Silence is the logarithm of Kaldi's floor, and noise has the energies of 16 bits."""
    encoder = imported("fbank")
    silence = encoder(Audio(np.zeros(1600, np.float32), 16000))
    np.testing.assert_allclose(silence, np.full((8, 23), math.log(FLOOR)), rtol=1e-6)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 1600).astype(np.float32)
    powers = NetEncoder("AudioMelSpectrogram", **COMMON)(Audio(noise, 16000))
    expected = np.log(powers.astype(np.float64) * BITS)
    np.testing.assert_allclose(encoder(Audio(noise, 16000)), expected, rtol=1e-6)
