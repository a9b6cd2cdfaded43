"""Every shipped encoder passes the contract, and every check of the contract runs."""

from pathlib import Path

import netencoders_specs
from netencoders import encoders
from netencoders.testing import EncoderContract
from netencoders_audio.testing import AudioEncoderContract

SPEECH = Path(__file__).parents[1] / "data" / "ten_of_clubs_16k_mono.wav"


class AudioContract(AudioEncoderContract):
    """The contract for encoders of audio, with a file as well."""

    def inputs(self):
        """Return the inputs of the contract, the path of a recording, and its bytes."""
        return [*super().inputs(), str(SPEECH), SPEECH.read_bytes()]


class TestAudio(AudioContract):
    """Audio."""

    encoder = "Audio"


class TestAudioNormalized(AudioContract):
    """Audio with all parameters that need the whole signal."""

    encoder = "Audio"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "SampleRate": 11025,
        "Normalization": ("RMS", 0.1),
        "TargetLength": "0.5 s",
        "TargetSide": "End",
        "TargetFill": "Repeat",
        "FillSide": "Both",
        "MinimumLength": "0.25 s",
        "MultipleOf": 512,
        "Append": 160,
        "SignalPreEmphasis": 0.97,
    }


class TestAudioResampled(AudioContract):
    """Audio with another resampler."""

    encoder = "Audio"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "SampleRate": 11025,
        "Resampling": "TorchaudioKaiser",
        "ResampledLength": "Round",
    }


class TestAudioPartitions(AudioContract):
    """AudioPartitions."""

    encoder = "AudioPartitions"


class TestAudioPartitionsConditioned(AudioContract):
    """AudioPartitions with all parameters that change the signal and partitions."""

    encoder = "AudioPartitions"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "SampleRate": 11025,
        "Normalization": ("RMS", 0.1),
        "PartitionPadding": "CenterReflect",
        "RemoveMean": True,
        "PreEmphasis": 0.97,
        "TargetLength": "0.5 s",
    }


class TestAudioSTFT(AudioContract):
    """AudioSTFT."""

    encoder = "AudioSTFT"


class TestAudioSTFTConditioned(AudioContract):
    """AudioSTFT with an odd FFT length and all parameters that change partitions."""

    encoder = "AudioSTFT"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "Normalization": "Max",
        "PartitionPadding": [200, 40, "Reflect"],
        "RemoveMean": True,
        "PreEmphasis": 0.97,
        "WindowScaling": "Sum",
        "FFTLength": 511,
        "TargetLength": "0.5 s",
    }


class TestAudioSpectrogram(AudioContract):
    """AudioSpectrogram."""

    encoder = "AudioSpectrogram"


class TestAudioSpectrogramNormalized(AudioContract):
    """AudioSpectrogram with all parameters that need the whole signal."""

    encoder = "AudioSpectrogram"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "SampleRate": 11025,
        "Normalization": ("RMS", 0.1),
        "PartitionPadding": "CenterReflect",
        "TargetLength": "0.5 s",
        "Power": 1,
        "PowerOffset": 1e-9,
    }


class TestAudioMelSpectrogram(AudioContract):
    """AudioMelSpectrogram."""

    encoder = "AudioMelSpectrogram"


class TestAudioMelSpectrogramConditioned(AudioContract):
    """AudioMelSpectrogram with all parameters that change partitions and filters."""

    encoder = "AudioMelSpectrogram"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "NumberOfFilters": 23,
        "MelScale": "Slaney",
        "FilterSlopes": "Mel",
        "FilterNormalization": "Slaney",
        "FilterShape": "SymmetricTriangle",
        "EmptyFilters": "Zero",
        "RemoveMean": True,
        "PreEmphasis": 0.97,
        "WindowFunction": "povey_symmetric",
        "WindowScaling": "Energy",
        "FFTLength": 512,
        "WindowPlacement": "Center",
        "Power": 1,
    }


class TestAudioMFCCAugmented(AudioContract):
    """AudioMFCC with all kinds of augmentation."""

    encoder = "AudioMFCC"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "NumberOfCoefficients": 4,
        "Normalization": ("Max", 0.5),
        "Seed": 1,
        "Augmentation": {
            "TimeShift": ["-20 ms", 0.02],
            "Volume": ["LogUniform", 0.5, 2],
            "Convolution": SPEECH.read_bytes(),
            "Noise": ["Normal", 0.1, 0.01],
            "VTLP": [0.9, 1.1],
        },
    }


class TestAudioMFCC(AudioContract):
    """AudioMFCC with few coefficients, so that few filters suffice."""

    encoder = "AudioMFCC"
    parameters = {"NumberOfCoefficients": 4}  # noqa: RUF012 - the contract only reads it


class TestAudioMFCCWithDynamicRange(AudioContract):
    """AudioMFCC with all parameters that need the whole signal."""

    encoder = "AudioMFCC"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "NumberOfCoefficients": 4,
        "Normalization": ("Max", 0.5),
        "Logarithm": "Decibel",
        "DynamicRange": 40,
        "CosineScaling": "Orthonormal",
        "Liftering": 22,
    }


class TestAudioChroma(AudioContract):
    """AudioChroma."""

    encoder = "AudioChroma"


class TestAudioChromaOfQuarterTones(AudioContract):
    """AudioChroma with all parameters that change partitions and filters."""

    encoder = "AudioChroma"
    parameters = {  # noqa: RUF012 - the contract only reads it
        "PartitionPadding": "Center",
        "FFTLength": 2048,
        "WindowPlacement": "Center",
        "WindowScaling": "Energy",
        "Power": 1,
        "NumberOfChroma": 24,
        "Tuning": -0.3,
        "OctaveWeighting": None,
        "BinNormalization": "Sum",
        "FirstChroma": "A",
        "ChromaNormalization": "Energy",
    }


class TestTelephone(AudioContract):
    """The spec Telephone."""

    encoder = "Telephone"


class TestWideband(AudioContract):
    """The spec Wideband."""

    encoder = "Wideband"


class TestFullband(AudioContract):
    """The spec Fullband."""

    encoder = "Fullband"


class TestSpeech40Mel(AudioContract):
    """The spec Speech40Mel."""

    encoder = "Speech40Mel"


class TestSpeechMFCC(AudioContract):
    """The spec SpeechMFCC with few coefficients, so that few filters suffice."""

    encoder = "SpeechMFCC"
    parameters = {"NumberOfCoefficients": 4}  # noqa: RUF012 - the contract only reads it


class TestSpeechWaveform(AudioContract):
    """The spec SpeechWaveform."""

    encoder = "SpeechWaveform"


class TestSpeechSTFT(AudioContract):
    """The spec SpeechSTFT."""

    encoder = "SpeechSTFT"


def test_every_shipped_encoder_has_a_contract():
    """Every shipped encoder and spec has a contract test; for presets, see test_model_contracts."""
    presets = {path.stem for path in Path(netencoders_specs.__file__).parent.glob("models/*")}
    shipped = {
        name
        for name, record in encoders().items()
        if record.provider.distribution == "netencoders"
        # tests/image and tests/text have those of images and of SubwordTokens.
        and not record.encoder.__module__.startswith(("netencoders_image", "netencoders_text"))
        # tests/kinds/test_kinds_contracts.py has those of texts, classes and numbers.
        and not record.encoder.__module__.startswith("netencoders_core")
    } - presets
    classes = AudioContract.__subclasses__()
    tested = {cls.encoder for cls in classes if cls.__name__.startswith("Test")}
    assert shipped == tested


def test_the_contract_has_all_its_checks():
    """The contract has all its checks, under names that pytest collects."""
    checks = [name for name in dir(EncoderContract) if name.startswith("test_")]
    assert 26 == len(checks)
