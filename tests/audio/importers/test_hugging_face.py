"""Configs of Hugging Face transformers.

The files in published/ are those that ``save_pretrained`` of the classes writes for their defaults
(transformers 5.24); ``pytest -m parity`` compares the arrays with those of the classes.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from netencoders import ConfigError, NetEncoder
from netencoders_audio.importers.hugging_face import REFUSED
from netencoders_audio.importers.transformers_classes import FRONT_ENDS

PUBLISHED = {path.stem: path for path in (Path(__file__).parent / "published").glob("*.json")}
FLOOR = 1.1920929e-07


def mel(**parameters: Any) -> NetEncoder:
    """Return a mel spectrogram whose empty filters give zeros."""
    return NetEncoder("AudioMelSpectrogram", EmptyFilters="Zero", **parameters)


def slaney(**parameters: Any) -> NetEncoder:
    """Return a mel spectrogram with the filters of librosa."""
    return mel(MelScale="Slaney", FilterNormalization="Slaney", **parameters)


def kaldi(window: str = "povey_symmetric", count: int = 80) -> NetEncoder:
    """Return the mel spectrogram of Kaldi at 16 kHz."""
    return mel(
        WindowSize=400,
        Offset=160,
        PartitionPadding=None,
        WindowFunction=window,
        RemoveMean=True,
        PreEmphasis=0.97,
        FFTLength=512,
        NumberOfFilters=count,
        MinimumFrequency=20,
        FilterSlopes="Mel",
    )


def kaldi_log() -> NetEncoder:
    """Return the logarithm of Kaldi's mel spectrogram of samples of 16 bits."""
    bits = 32768.0**2
    log = kaldi().then("Log", Floor=FLOOR / bits)
    return log.then("Affine", Shift=math.log(bits))


EXPECTED = {
    ("WhisperFeatureExtractor", None): slaney(
        TargetLength=480000,
        WindowSize=400,
        Offset=160,
        PartitionPadding=[200, 40, "Reflect"],
        NumberOfFilters=80,
        MaximumFrequency=8000,
    )
    .then("Log", Base=10, Floor=1e-10)
    .then("DynamicRange", Below=8)
    .then("Affine", Shift=4, Factor=0.25)
    .then("Transpose"),
    ("ParakeetFeatureExtractor", None): slaney(
        SignalPreEmphasis=0.97,
        WindowSize=400,
        Offset=160,
        FFTLength=512,
        WindowPlacement="Center",
        WindowFunction="hann_symmetric",
        PartitionPadding=[256, 96, "Zero"],
        NumberOfFilters=80,
    )
    .then("Log", Floor=0, Offset=2**-24)
    .then("Standardize", Ddof=1, Epsilon=1e-5),
    ("Gemma3nAudioFeatureExtractor", None): mel(
        MaximumLength=480000,
        MultipleOf=128,
        WindowSize=512,
        Offset=160,
        PartitionPadding=[0, -1, "Zero"],
        PreEmphasis=0.97,
        FFTLength=1024,
        Power=1,
        NumberOfFilters=128,
        MinimumFrequency=125,
        MaximumFrequency=7600,
    ).then("Log", Floor=1e-5),
    ("Gemma4AudioFeatureExtractor", None): mel(
        MaximumLength=480000,
        WindowSize=320,
        Offset=160,
        PartitionPadding=[160, -1, "Zero"],
        FFTLength=512,
        Power=1,
        NumberOfFilters=128,
    ).then("Log", Floor=0, Offset=0.001),
    ("Speech2TextFeatureExtractor", None): kaldi_log().then("Standardize", Epsilon=0),
    ("SeamlessM4TFeatureExtractor", None): kaldi_log()
    .then("Standardize", Ddof=1, Epsilon=1e-7, EpsilonInside=True)
    .then("Stack", Size=2, Stride=2),
    ("ASTFeatureExtractor", None): kaldi("hann_symmetric", 128)
    .then("Log", Floor=FLOOR)
    .then("FitRows", Rows=1024)
    .then("Affine", Shift=4.2677393, Factor=1 / (2 * 4.5689974)),
    ("Wav2Vec2FeatureExtractor", None): NetEncoder("Audio", Normalization=["Standard", 1e-7]),
    ("EncodecFeatureExtractor", None): NetEncoder("Audio", SampleRate=24000).then("Transpose"),
    ("DacFeatureExtractor", None): NetEncoder("Audio", MultipleOf=512).then("Transpose"),
    ("SpeechT5FeatureExtractor", "Waveform"): NetEncoder("Audio"),
    ("SpeechT5FeatureExtractor", "Target"): slaney(
        WindowSize=1024,
        Offset=256,
        PartitionPadding="CenterReflect",
        Power=1,
        NumberOfFilters=80,
        MinimumFrequency=80,
        MaximumFrequency=7600,
    ).then("Log", Base=10, Floor=1e-10),
    ("UnivNetFeatureExtractor", None): slaney(
        SampleRate=24000,
        MaximumLength=240000,
        WindowSize=1024,
        Offset=256,
        PartitionPadding=[384, 384, "Reflect"],
        Power=1,
        PowerOffset=1e-9,
        NumberOfFilters=100,
    ).then("Log", Floor=1e-5),
    ("ClapFeatureExtractor", None): mel(
        SampleRate=48000,
        TargetLength=480000,
        TargetSide=None,
        TargetFill="Repeat",
        WindowSize=1024,
        Offset=480,
        PartitionPadding="CenterReflect",
        TransformPrecision="Double",
        NumberOfFilters=64,
        MaximumFrequency=14000,
    )
    .then("Log", Base="Decibel", Floor=1e-10)
    .then("Repeat", Copies=4),
    ("Pop2PianoFeatureExtractor", None): mel(
        SampleRate=22050,
        WindowSize=4096,
        Offset=1024,
        PartitionPadding="CenterReflect",
        NumberOfFilters=512,
        MinimumFrequency=10,
    )
    .then("Clip", Low=1e-10, High=None)
    .then("Transpose"),
    ("MusicgenMelodyFeatureExtractor", None): NetEncoder(
        "AudioChroma",
        SampleRate=32000,
        MaximumLength=960000,
        MinimumLength=16384,
        FillSide="Both",
        WindowSize=16384,
        Offset=4096,
        PartitionPadding="CenterReflect",
    ).then("OneHotMaximum"),
}


@pytest.mark.parametrize(("name", "part"), EXPECTED)
def test_published_config_gives_the_declared_encoder(name: str, part: str | None) -> None:
    """The config of each class with its defaults gives the encoder that is declared by hand."""
    expected = EXPECTED[name, part]
    assert expected.digest == NetEncoder.from_config(PUBLISHED[name], part=part).digest
    # The class has the same defaults for fields that are missing.
    shortest = {"feature_extractor_type": name}
    assert expected.digest == NetEncoder.from_config(shortest, part=part).digest


def test_every_class_has_a_published_config() -> None:
    """Each class that is imported has a config, and an expected encoder."""
    assert FRONT_ENDS.keys() == PUBLISHED.keys()
    assert FRONT_ENDS.keys() == {name for name, _ in EXPECTED}


def imported(name: str, part: str | None = None, **changes: Any) -> NetEncoder:
    """Return the encoder of a published config with other values of some fields."""
    content = json.loads(PUBLISHED[name].read_text("utf-8"))
    return NetEncoder.from_config({**content, **changes}, part=part)


WHISPER = "WhisperFeatureExtractor"
GEMMA = "Gemma4AudioFeatureExtractor"
UNIVNET = "UnivNetFeatureExtractor"
CHUNKS = {"n_samples": 80000, "nb_max_frames": 400}
VALUES: list[tuple[str, str | None, dict[str, Any], dict[str, Any]]] = [
    (WHISPER, None, {"feature_size": 128}, {"NumberOfFilters": 128}),
    (
        WHISPER,
        None,
        {"n_fft": 512, "hop_length": 200, "chunk_length": 5, **CHUNKS},
        {"WindowSize": 512, "PartitionPadding": (256, 56, "Reflect"), "TargetLength": 80000},
    ),
    ("ParakeetFeatureExtractor", None, {"preemphasis": None}, {"SignalPreEmphasis": 0.0}),
    ("ParakeetFeatureExtractor", None, {"win_length": 320}, {"WindowSize": 320, "FFTLength": 512}),
    (
        GEMMA,
        None,
        {"preemphasis": 0.9, "fft_overdrive": True, "fft_length": 1024},
        {"PreEmphasis": 0.9, "FFTLength": 1024},
    ),
    ("SeamlessM4TFeatureExtractor", None, {"sampling_rate": 24000}, {"MaximumFrequency": 12000.0}),
    ("Wav2Vec2FeatureExtractor", None, {"do_normalize": False}, {"Normalization": None}),
    (
        "SpeechT5FeatureExtractor",
        "Waveform",
        {"do_normalize": True},
        {"Normalization": ("Standard", 1e-7)},
    ),
    (
        "SpeechT5FeatureExtractor",
        "Target",
        {"win_length": 50, "hop_length": 10, "win_function": "hamming_window"},
        {"WindowSize": 800, "Offset": 160, "FFTLength": 1024, "WindowFunction": "hamming"},
    ),
    (UNIVNET, None, {"filter_length": None, "fmax": None}, {"MaximumFrequency": 12000.0}),
    (
        "ClapFeatureExtractor",
        None,
        {"truncation": "rand_trunc", "padding": "pad"},
        {"MelScale": "Slaney", "FilterNormalization": "Slaney", "TargetFill": "Zero"},
    ),
    ("ClapFeatureExtractor", None, {"padding": "repeat"}, {"TargetFill": "Cycle"}),
    ("DacFeatureExtractor", None, {"hop_length": 320}, {"MultipleOf": 320}),
    ("Pop2PianoFeatureExtractor", None, {"min_frequency": 20}, {"MinimumFrequency": 20.0}),
    ("MusicgenMelodyFeatureExtractor", None, {"num_chroma": 24}, {"NumberOfChroma": 24}),
]


@pytest.mark.parametrize(("name", "part", "changes", "expected"), VALUES)
def test_field_sets_its_parameters(
    name: str, part: str | None, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Another value of a field sets the parameters that declare it."""
    found = imported(name, part, **changes).resolved
    assert expected == {parameter: found[parameter] for parameter in expected}


LAYERS: list[tuple[str, dict[str, Any], str]] = [
    (
        "Speech2TextFeatureExtractor",
        {"normalize_vars": False},
        "NetLayer(\"Standardize\", Statistics='Mean', Epsilon=0.0)",
    ),
    (
        "Speech2TextFeatureExtractor",
        {"normalize_means": False},
        "NetLayer(\"Standardize\", Statistics='Variance', Epsilon=0.0, MinimumDeviation=1e-38)",
    ),
    (
        "Speech2TextFeatureExtractor",
        {"do_ceptral_normalize": False},
        f'NetLayer("Affine", Shift={math.log(32768**2)})',
    ),
    ("ASTFeatureExtractor", {"do_normalize": False}, 'NetLayer("FitRows")'),
    (GEMMA, {"input_scale_factor": 2}, f'NetLayer("Affine", Shift={math.log(2)})'),
    (
        GEMMA,
        {"feature_size": 2, "per_bin_mean": [[[1, 2]]], "per_bin_stddev": [2, 4]},
        'NetLayer("Affine", Shift=(-1.0, -2.0), Factor=(0.5, 0.25))',
    ),
    (
        UNIVNET,
        {"do_normalize": True, "normalize_min": -10, "normalize_max": 2},
        f'NetLayer("Affine", Shift=4.0, Factor={2 / 12})',
    ),
    (UNIVNET, {"compression_factor": 2}, f'NetLayer("Affine", Shift={math.log(2)})'),
    ("ClapFeatureExtractor", {"truncation": "rand_trunc"}, 'NetLayer("AddAxis")'),
]


@pytest.mark.parametrize(("name", "changes", "expected"), LAYERS)
def test_field_sets_the_last_layer(name: str, changes: dict[str, Any], expected: str) -> None:
    """Another value of a field changes the last layer, or leaves it out."""
    assert expected == repr(imported(name, **changes).layers[-1])


RATE_ONLY = r"^a config: 'sampling_rate' must be 16000\. Got 8000\. At other rates the class gives"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    (WHISPER, {"dither": 1e-5}, r"^a config: 'dither' must be 0\. Got 1e-05\. It adds random nois"),
    (WHISPER, {"padding_value": 0.5}, r"'padding_value' must be 0\. Got 0\.5"),
    (WHISPER, {"padding_side": "left"}, r"'padding_side' must be 'right'\. Got 'left'"),
    (WHISPER, {"do_normalize": True}, r"'do_normalize' must be None or False\. Got True\. The cla"),
    (WHISPER, {"n_fft": 401}, r"'n_fft' must be even: the library rounds its half.* Got 401\. Use"),
    (WHISPER, {"n_fft": True}, r"'n_fft' must be an integer from 1 to 16777216\. Got True"),
    (WHISPER, {"chunk_length": 10}, r"'n_samples' must be 160000, .* Got 480000: the class ignore"),
    (
        WHISPER,
        {"hop_len": 10},
        r"unknown field 'hop_len' of WhisperFeatureExtractor\. Did you m",
    ),
    (WHISPER, {"sampling_rate": 8000, "n_samples": None, "nb_max_frames": None}, "is refused.*M"),
    (
        WHISPER,
        {"auto_map": {"A": "code.B"}},
        r"'auto_map' must be None\. Got .* It names code of t",
    ),
    (WHISPER, {"trust_remote_code": True}, r"'trust_remote_code' must be None or False\. Got True"),
    ("Gemma3nAudioFeatureExtractor", {"frame_length": 320}, r"'frame_length' must be 512, "),
    (
        "Gemma3nAudioFeatureExtractor",
        {"feature_size": 1, "per_bin_stddev": [0]},
        r"'per_bin_stddev' must not contain 0\. Remove it",
    ),
    (GEMMA, {"dither": 0.1}, r"'dither' must be 0\. Got 0\.1"),
    (GEMMA, {"frame_length": 512}, r"'frame_length' must be 320, .* Got 512"),
    (GEMMA, {"frame_length_ms": 0.01, "frame_length": None}, r"must give from 2 to 16777216 sampl"),
    (
        GEMMA,
        {"preemphasis": 0.97, "preemphasis_htk_flavor": False},
        r"'preemphasis_htk_flavor' must be True if 'preemphasis' is not 0: .* Got False",
    ),
    (GEMMA, {"per_bin_mean": [1.0]}, r"'per_bin_mean' must have one number .*, 128\. Got 1: corre"),
    (GEMMA, {"per_bin_stddev": [0.0] * 128}, r"'per_bin_stddev' must not contain 0\. Remove it"),
    ("Speech2TextFeatureExtractor", {"sampling_rate": 8000}, RATE_ONLY),
    ("Speech2TextFeatureExtractor", {"dither": 1}, r"'dither' must be 0\. Got 1"),
    (
        "Speech2TextFeatureExtractor",
        {"num_mel_bins": 40},
        r"'feature_size' must be equal to 'num_mel_bins', 40\. Got 80: correct one of them",
    ),
    ("SeamlessM4TFeatureExtractor", {"stride": 3}, r"'stride' must be 2\. Got 3"),
    ("SeamlessM4TFeatureExtractor", {"sampling_rate": 11025}, r"'sampling_rate' must be even"),
    ("ASTFeatureExtractor", {"sampling_rate": 8000}, RATE_ONLY),
    ("ASTFeatureExtractor", {"std": 0}, r"'std' must be a number > 0\. Got 0"),
    ("Wav2Vec2FeatureExtractor", {"feature_size": 2}, r"'feature_size' must be 1\. Got 2\. Two ch"),
    ("EncodecFeatureExtractor", {"feature_size": 2}, r"'feature_size' must be 1\. Got 2\. Two cha"),
    (
        "EncodecFeatureExtractor",
        {"chunk_length_s": 1, "overlap": 0.01},
        r"'chunk_length_s' and 'overlap' must not both be set: .* Got 1\.0 and 0\.01",
    ),
    ("DacFeatureExtractor", {"padding_value": 1}, r"'padding_value' must be 0\. Got 1"),
    (UNIVNET, {"center": True}, r"'center' must be False\. Got True\. A second padding is added"),
    (UNIVNET, {"win_length": 512}, r"'filter_length' must be equal to 'win_length': .* 1024 and 5"),
    (UNIVNET, {"hop_length": 2048}, r"'hop_length' must be at most 'win_length', 1024\. Got 2048"),
    (
        UNIVNET,
        {"do_normalize": True, "normalize_min": 3, "normalize_max": 3},
        r"'normalize_min' must be below 'normalize_max', 3\.0\. Got 3\.0",
    ),
    (UNIVNET, {"do_normalize": True, "normalize_min": 3}, r"'normalize_min' must be below 'normal"),
    (UNIVNET, {"win_function": "kaiser"}, r"'win_function' must be 'hann_window', .* Got 'kaiser'"),
    (
        "ClapFeatureExtractor",
        {"padding": "loop"},
        r"'padding' must be 'repeatpad', 'repeat' or 'pad'\. Got",
    ),
    ("ClapFeatureExtractor", {"truncation": "cut"}, r"'truncation' must be 'fusion' or 'rand_tru"),
    ("ClapFeatureExtractor", {"nb_max_samples": 5}, r"'nb_max_samples' must be 480000, the number"),
    ("MusicgenMelodyFeatureExtractor", {"n_samples": 5}, r"'n_samples' must be 960000, the number"),
]


@pytest.mark.parametrize(("name", "changes", "message"), WRONG)
def test_field_that_cannot_be_honoured_is_refused(
    name: str, changes: dict[str, Any], message: str
) -> None:
    """An unknown field, a wrong type and a value without an encoder are refused by name."""
    with pytest.raises(ConfigError, match=message):
        imported(name, **changes)


def test_lengths_in_ms_that_give_no_samples_are_refused() -> None:
    """The partitions of SpeechT5's mel spectrogram have an even number of samples."""
    with pytest.raises(
        ConfigError, match=r"'win_length' and 'hop_length', in ms, must .* Got 0 an"
    ):
        imported("SpeechT5FeatureExtractor", "Target", sampling_rate=2, fmax=1, fmin=0)
    with pytest.raises(ConfigError, match=r"'frame_signal_scale' must be 1\. Got 2\."):
        imported("SpeechT5FeatureExtractor", "Target", frame_signal_scale=2)


def test_error_lists_all_fields() -> None:
    """One error names every field that is refused, and its attributes hold them."""
    with pytest.raises(ConfigError, match=r"^a config: 3 problems\n  'n_fft' must be") as caught:
        imported(WHISPER, dither=1, n_fft="400", extra=None)
    assert ["n_fft", "dither", "extra"] == [field for field, _ in caught.value.problems]


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_class_without_an_encoder_is_refused_with_the_reason(name: str, reason: str) -> None:
    """A class that no encoder declares is refused by name, with the reason."""
    with pytest.raises(ConfigError, match=f"^a config: {name} is not imported: {reason}"):
        NetEncoder.from_config({"feature_extractor_type": name})


def test_unknown_class_is_refused_by_name() -> None:
    """The code of a class that is not known is not run."""
    with pytest.raises(
        ConfigError, match=r"'MyExtractor' is not a class of .* Its code is not run"
    ):
        NetEncoder.from_config({"feature_extractor_type": "MyExtractor"})


def test_missing_class_is_asked_for() -> None:
    """A config without the name of the class is refused, not guessed."""
    config = {"feature_size": 1, "sampling_rate": 16000, "do_normalize": True}
    with pytest.raises(
        ConfigError, match="'feature_extractor_type' is missing, the name of the cl"
    ):
        NetEncoder.from_config(config)


def test_part_of_a_class_with_two_front_ends_is_demanded() -> None:
    """SpeechT5 has a waveform and a mel spectrogram: one is chosen, and none by default."""
    with pytest.raises(ConfigError, match="Choose one: part must be one of 'Waveform', 'Target'"):
        imported("SpeechT5FeatureExtractor")


@pytest.mark.parametrize("section", ["feature_extractor", "audio_processor"])
def test_section_of_a_processor_config_is_read(tmp_path: Path, section: str) -> None:
    """Newer versions write the fields as a section; they take it before the older file."""
    content = json.loads(PUBLISHED[WHISPER].read_text("utf-8"))
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(content))
    assert 80 == NetEncoder.from_config(tmp_path).parameters["NumberOfFilters"]
    processor = {"processor_class": "WhisperProcessor", section: {**content, "feature_size": 128}}
    (tmp_path / "processor_config.json").write_text(json.dumps(processor))
    assert 128 == NetEncoder.from_config(tmp_path).parameters["NumberOfFilters"]
    (tmp_path / "processor_config.json").write_text('{"processor_class": "WhisperProcessor"}')
    assert 80 == NetEncoder.from_config(tmp_path).parameters["NumberOfFilters"]


def test_mel_filters_of_an_older_version_are_ignored() -> None:
    """Older versions of Whisper's config hold the filters, which the class computes again."""
    assert (
        EXPECTED[WHISPER, None].digest == imported(WHISPER, mel_filters=[[0.0] * 201] * 80).digest
    )


# The fields of configs that are published beside models, which the class does not write today.
OLDER = {
    "ClapFeatureExtractor": {"chunk_length_s": 10, "n_fft": 1024, "nb_max_frames": 1000},
    "SeamlessM4TFeatureExtractor": {"language_code": ["__eng__", "__deu__"]},
}


@pytest.mark.parametrize("name", OLDER)
def test_fields_of_published_models_have_no_effect(name: str) -> None:
    """The configs of CLAP and SeamlessM4T have fields that the class does not use."""
    assert EXPECTED[name, None].digest == imported(name, **OLDER[name]).digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"image_processor_type": "ViTImageProcessor", "do_resize": True},
            "'ViTImageProcessor' is a class for images: name",
        ),
        (
            {"image_processor": {"image_processor_type": "ViTImageProcessor"}},
            "'ViTImageProcessor' is a class for images: name",
        ),
        (
            {"video_processor_type": "VivitVideoProcessor"},
            "'VivitVideoProcessor' is a class for images: name",
        ),
        ({"image_mean": [0.5], "size": 224}, "Its fields are those of a class for images: name"),
        ({"processor_class": "CLIPProcessor"}, "It has no feature extractor: name the config of"),
    ],
)
def test_config_without_audio_is_refused_by_name(
    tmp_path: Path, content: dict[str, Any], message: str
) -> None:
    """Classes for images are named, also if the config is found in a folder."""
    path = tmp_path / "preprocessor_config.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=rf"no importer recognizes the config\. {message}"):
        NetEncoder.from_config(path)
    with pytest.raises(ConfigError, match=rf"\. preprocessor_config\.json: {message}"):
        NetEncoder.from_config(tmp_path)


@pytest.mark.parametrize(
    "code", [{"auto_map": {"AutoProcessor": "a.B"}}, {"trust_remote_code": True}]
)
def test_code_beside_the_section_is_refused(code: dict[str, Any]) -> None:
    """A processor may name code of the model at the top, beside the feature extractor."""
    content = json.loads(PUBLISHED[WHISPER].read_text("utf-8"))
    with pytest.raises(ConfigError, match="It names code of the model, which is not run"):
        NetEncoder.from_config({"feature_extractor": content, **code})
    nothing = {"auto_map": None, "feature_extractor": content}
    assert EXPECTED[WHISPER, None].digest == NetEncoder.from_config(nothing).digest


def test_two_feature_extractors_are_refused() -> None:
    """None of two feature extractors is guessed; two equal ones are one."""
    content = json.loads(PUBLISHED[WHISPER].read_text("utf-8"))
    equal = {"feature_extractor": content, "audio_processor": content}
    assert EXPECTED[WHISPER, None].digest == NetEncoder.from_config(equal).digest
    with pytest.raises(ConfigError, match="several feature extractors, which differ: keep one"):
        NetEncoder.from_config({**equal, "audio_processor": {**content, "feature_size": 128}})
