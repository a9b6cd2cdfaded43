"""The parameters that the audio encoders share. The modules of `stages` have the formulas.

The module is long because it holds many declarations; there is no code.
"""

from __future__ import annotations

from collections.abc import Mapping

from netencoders import (
    All,
    Automatic,
    Boolean,
    Choice,
    Integer,
    Parameter,
    Real,
    Samples,
    TupleOf,
    Union,
    ValueType,
)
from netencoders import Window as WindowType
from netencoders_audio.encoders.augmentation_values import (
    WARP_KINDS,
    WAVEFORM_KINDS,
    AugmentationOf,
    EpochOf,
)
from netencoders_audio.encoders.value_types import (
    ChannelIndex,
    Peak,
    Rate,
    Side,
    SmallestLength,
    UpperFrequency,
    padding_type,
)
from netencoders_audio.stages.fourier import PRECISIONS
from netencoders_audio.stages.resample import RESAMPLERS, own_rounding

__all__ = [
    "CEPSTRUM",
    "CONDITION",
    "FOURIER",
    "MEL",
    "PARTITIONS",
    "POWER",
    "SPECTRAL",
    "WARPED_SPECTRAL",
    "WAVEFORM",
]


_LEVEL = Real(above=0, max=1e6)


def _augmentation(kinds: Mapping[str, ValueType], names: str) -> Parameter:
    return Parameter(
        "Augmentation",
        Union(Choice(None), AugmentationOf(kinds)),
        default=None,
        neutral=None,
        doc=f"changes for a training, by kind: {names}, each with a number, a range or a "
        "distribution; they need a Seed, which encoder.training sets",
    )


WAVEFORM = (
    Parameter(
        "SampleRate",
        Rate(min=1),
        default=16000,
        unit="Hz",
        known_as=(
            "sr",
            "sample_rate",
            "samp_freq",
            "sampling_rate",
            "sampling_frequency",
            "sample_frequency",
            "fs",
        ),
        doc="the sample rate of the encoded audio; other rates are resampled",
    ),
    Parameter(
        "Resampling",
        Choice(*RESAMPLERS),
        default="SoxrHQ",  # A9
        neutral="SoxrHQ",
        known_as=("res_type", "resampling_method"),
        doc="the resampler for other rates: a quality of soxr; torchaudio's default, or its "
        "Kaiser window with the values for librosa's kaiser_best; or scipy's resample_poly",
    ),
    Parameter(
        "ResampledLength",
        Choice("Round", "Ceiling"),
        default=Automatic,
        automatic=lambda Resampling: own_rounding(Resampling),  # noqa: N803 - a parameter
        neutral=lambda Resampling: own_rounding(Resampling),  # noqa: N803 - a parameter
        doc="the rule that makes the resampled length whole: Round, or Ceiling, as in librosa; "
        "Automatic is Round for soxr, and Ceiling for the others",
    ),
    Parameter(
        "Channel",
        Union(Choice("Mean"), Side("Left", "Right"), ChannelIndex(min=0)),
        default=Automatic,
        automatic=lambda: "Mean",
        neutral="Mean",
        doc="the channel that is encoded: Mean (Automatic) of all channels, or one by its index; "
        "Left is 0, and Right is 1",
    ),
    Parameter(
        "Normalization",
        Union(
            Choice(None),
            TupleOf(Choice("Max", "RMS"), _LEVEL),
            TupleOf(Choice("Standard"), Real(0, 1)),
            Peak("Max"),
        ),
        default=None,
        automatic=lambda: ("Max", 1.0),
        neutral=None,
        doc="the level to which the peak (Max) or the root mean square (RMS) is scaled; Automatic "
        "and 'Max' are ['Max', 1]; ['Standard', e] gives mean 0 and variance 1, with e added to "
        "the variance",
    ),
    Parameter(
        "TargetLength",
        Union(Choice(All), Samples(min=1)),
        default=All,
        unit="samples",
        neutral=All,
        doc="the number of samples; longer audio is cut at the end, shorter audio zero-padded",
    ),
    Parameter(
        "TargetSide",
        Choice("Start", None, "End"),
        default="Start",
        neutral="Start",
        known_as=("truncation_side",),
        doc="the part of longer audio that TargetLength or MaximumLength keeps: the first samples "
        "(Start), or the last (End); None refuses longer audio",
    ),
    Parameter(
        "TargetFill",
        Choice("Zero", "Cycle", "Repeat"),
        default="Zero",
        neutral="Zero",
        doc="the samples that TargetLength and MinimumLength add: zeros; the audio again and "
        "again, cut at the length (Cycle); or the audio, as often as it fits whole, and then zeros "
        "(Repeat)",
    ),
    Parameter(
        "FillSide",
        Choice("End", "Start", "Both"),
        default=Automatic,
        automatic=lambda TargetSide: "Start" if TargetSide == "End" else "End",  # noqa: N803
        neutral=lambda TargetSide: "Start" if TargetSide == "End" else "End",  # noqa: N803
        known_as=("padding_side",),
        doc="where TargetLength and MinimumLength add samples: after the audio (End), before it "
        "(Start), or half on each side (Both); Automatic is End, or Start if TargetSide is End",
    ),
    Parameter(
        "MaximumLength",
        Union(Choice(All), Samples(min=1)),
        default=All,
        unit="samples",
        neutral=All,
        known_as=("max_length",),
        doc="the largest number of samples: longer audio is cut as TargetSide declares, and "
        "shorter audio is not filled",
    ),
    Parameter(
        "MinimumLength",
        SmallestLength(min=0),
        default=0,
        unit="samples",
        neutral=0,
        doc="the smallest number of samples, to which shorter audio is filled",
    ),
    Parameter(
        "MultipleOf",
        Samples(min=1),
        default=1,
        unit="samples",
        neutral=1,
        known_as=("pad_to_multiple_of",),
        doc="zeros are added at the end, up to a number of samples that this number divides",
    ),
    Parameter(
        "Append",
        Samples(min=0),
        default=0,
        unit="samples",
        neutral=0,
        doc="the number of zeros that are added at the end, after all other samples",
    ),
    Parameter(
        "SignalPreEmphasis",
        Real(0, 1),
        default=0,
        neutral=0.0,
        known_as=("preemph", "preemphasis"),
        doc="the share of the previous sample that is subtracted from each sample of the whole "
        "signal, except the first; 0 for none, 0.97 in NeMo",
    ),
    _augmentation(WAVEFORM_KINDS, "TimeShift, Volume, Convolution and Noise"),
    Parameter(
        "Seed",
        Union(Choice(None), Integer(min=0)),
        default=None,
        neutral=None,
        doc="the seed of the random numbers of Augmentation; None for no augmentation",
    ),
    Parameter(
        "Epoch",
        EpochOf(min=0),
        default=0,
        neutral=0,
        doc="the epoch of a training, which has random numbers of its own",
    ),
)
"""The parameters of the waveform: SampleRate, Resampling, ResampledLength, Channel, Normalization,
TargetLength with TargetSide, TargetFill and FillSide, MaximumLength, MinimumLength, MultipleOf,
Append, SignalPreEmphasis, and Augmentation with Seed and Epoch."""

PARTITIONS = (
    Parameter(
        "WindowSize",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        # A1, in integers: ceil(rate / 40).
        automatic=lambda SampleRate: -(-SampleRate // 40),  # noqa: N803 - a parameter
        known_as=(
            "win_length",
            "frame_length",
            "nperseg",
            "winlen",
            "win_size",
            "n_window_size",
            "window_length",
            "frame_size",
        ),
        doc="the length of a partition (frame); Automatic is 25 ms",
    ),
    Parameter(
        "Offset",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        automatic=lambda WindowSize: -(-WindowSize // 3),  # noqa: N803 - A1; a parameter
        known_as=(
            "hop_length",
            "hop",
            "hop_size",
            "frame_shift",
            "frame_step",
            "winstep",
            "n_window_stride",
            "window_stride",
        ),
        doc="the hop, from the start of a partition to that of the next; Automatic is a third of "
        "WindowSize",
    ),
    Parameter(
        "WindowFunction",
        WindowType(),
        default=Automatic,
        automatic=lambda: "hann",  # A7
        known_as=("window", "window_fn", "window_type", "winfunc", "stft_window"),
        doc="the window that multiplies each partition (frame): a window of scipy.signal, which is "
        "periodic unless its name ends in _symmetric; Automatic is 'hann'",
    ),
    Parameter(
        "PartitionPadding",
        padding_type(),
        default=Automatic,
        automatic=lambda: "Right",  # A5
        neutral=None,
        known_as=("center", "pad_mode", "snip_edges"),
        doc="the padding of the signal: Right (Automatic) adds zeros at the end; Center adds zeros "
        "on both sides, and CenterReflect the mirrored signal, which centres partitions (frames); "
        "[left, right, mode] adds these numbers of samples, and a negative right cuts off; "
        "None adds nothing and gives whole partitions only",
    ),
)
"""The parameters of windowed partitions (frames): WindowSize, Offset (the hop), WindowFunction and
PartitionPadding."""

CONDITION = (
    Parameter(
        "RemoveMean",
        Boolean(),
        default=False,
        neutral=False,
        known_as=("remove_dc_offset",),
        doc="whether to subtract the mean of each partition",
    ),
    Parameter(
        "PreEmphasis",
        Real(0, 1),
        default=0,
        neutral=0.0,
        known_as=("preemphasis_coefficient", "preemph_coeff"),
        doc="the share of the previous sample that is subtracted from each sample of a partition, "
        "which raises high frequencies; 0 for none, 0.97 in Kaldi",
    ),
    Parameter(
        "WindowScaling",
        Choice(None, "Sum", "Energy"),
        default=None,
        neutral=None,
        doc="the divisor of the window: none (None), its sum (Sum), or the root of the sum of its "
        "squares (Energy)",
    ),
)
"""The parameters before the window: RemoveMean, PreEmphasis and WindowScaling."""

FOURIER = (
    Parameter(
        "FFTLength",
        Samples(min=1),
        default=Automatic,
        unit="samples",
        automatic=lambda WindowSize: WindowSize,  # noqa: N803 - a parameter
        neutral=lambda WindowSize: WindowSize,  # noqa: N803 - a parameter
        known_as=("n_fft", "nfft", "fft_size"),
        doc="the length of the Fourier transform; partitions are zero-padded to it",
    ),
    Parameter(
        "WindowPlacement",
        Choice("Start", "Center"),
        default="Start",  # A25
        neutral="Start",
        doc="the position of a window that is shorter than FFTLength: Start puts it before the "
        "zeros; Center puts it in the middle of FFTLength samples, as in librosa and torch",
    ),
    Parameter(
        "TransformPrecision",
        Choice(*PRECISIONS),
        default="Single",  # A62
        neutral="Single",
        known_as=("dtype", "precision"),
        doc="the precision of the transform, of the window and of the steps between: float32 "
        "(Single), or float64 (Double) for bins that are far below the loudest one; the array is "
        "float32",
    ),
)
"""The parameters of the Fourier transform: FFTLength, WindowPlacement and TransformPrecision."""

SPECTRAL = (*WAVEFORM, *PARTITIONS, *CONDITION, *FOURIER)
"""The parameters of a `PartitionedEncoder`: `WAVEFORM`, `PARTITIONS`, `CONDITION` and `FOURIER`."""

WARPED_SPECTRAL = tuple(
    _augmentation(WARP_KINDS, "TimeShift, Volume, Convolution, Noise and VTLP")
    if parameter.name == "Augmentation"
    else parameter
    for parameter in SPECTRAL
)
"""`SPECTRAL` for encoders with mel filters, whose Augmentation has VTLP, too."""

POWER = (
    Parameter(
        "Power",
        Choice(2, 1),
        default=2,
        known_as=("power", "mag_power"),
        doc="2 for the squared magnitude, 1 for the magnitude",
    ),
    Parameter(
        "PowerOffset",
        Real(0, 1e6),  # the sums of the filters fit float32
        default=0,
        neutral=0.0,
        doc="added to the squared magnitude, before the root if Power is 1; 1e-9 in HiFi-GAN",
    ),
)
"""The parameters of a spectrogram: Power and PowerOffset."""

MEL = (
    Parameter(
        "NumberOfFilters",
        Integer(min=1),
        default=40,
        known_as=(
            "n_mels",
            "num_mel_bins",
            "num_mels",
            "mel_bins",
            "nfilt",
            "n_filters",
            "num_filters",
            "num_mel_filters",
            "feature_size",
            "features",
            "num_bins",
        ),
        doc="the number of mel filters, at most the number of frequency bins",
    ),
    Parameter(
        "MinimumFrequency",
        Real(min=0),
        default=Automatic,
        unit="Hz",
        automatic=lambda: 0.0,
        neutral=0.0,
        known_as=("fmin", "f_min", "low_freq", "lowfreq", "min_frequency", "mel_fmin"),
        doc="the lower edge of the first filter; Automatic is 0",
    ),
    Parameter(
        "MaximumFrequency",
        UpperFrequency(above=0),
        default=Automatic,
        unit="Hz",
        automatic=lambda SampleRate: SampleRate / 2,  # noqa: N803 - a parameter
        neutral=lambda SampleRate: SampleRate / 2,  # noqa: N803 - a parameter
        known_as=("fmax", "f_max", "high_freq", "highfreq", "max_frequency", "mel_fmax"),
        doc="the upper edge of the last filter; Automatic is half the SampleRate",
    ),
    Parameter(
        "MelScale",
        Choice("HTK", "Slaney"),
        default="HTK",  # A12
        known_as=("htk", "mel_scale"),
        doc="the mel scale: 2595 log10(1 + f / 700) (HTK), or Slaney's, linear below 1000 Hz",
    ),
    Parameter(
        "FilterSlopes",
        Choice("Hertz", "Mel"),
        default="Hertz",  # A14
        doc="the frequency axis on which the sides of the triangular filters are straight",
    ),
    Parameter(
        "FilterNormalization",
        Choice(None, "Slaney"),
        default=None,  # A15
        neutral=None,
        known_as=("norm",),
        doc="None gives filters that are 1 at their centres; Slaney gives filters of area 1, in Hz",
    ),
    Parameter(
        "FilterShape",
        Choice("Triangle", "SymmetricTriangle"),
        default="Triangle",  # A14
        neutral="Triangle",
        doc="Triangle ends where the neighbours have their centres; SymmetricTriangle has a right "
        "side that is as wide as the left one",
    ),
    Parameter(
        "EmptyFilters",
        Choice("Error", "Zero"),
        default="Error",  # A41
        neutral="Error",
        doc="whether filters that are too narrow for any frequency bin are refused (Error), or "
        "give a column of zeros (Zero)",
    ),
)
"""The parameters of mel filters: NumberOfFilters, MinimumFrequency, MaximumFrequency, MelScale,
FilterSlopes, FilterNormalization, FilterShape and EmptyFilters."""

CEPSTRUM = (
    Parameter(
        "NumberOfCoefficients",
        Integer(min=1),
        default=13,
        known_as=("n_mfcc", "num_ceps", "numcep"),
        doc="the number of coefficients to keep, at most NumberOfFilters",
    ),
    Parameter(
        "Logarithm",
        Choice("Natural", "Base10", "Decibel"),
        default="Natural",  # A16
        doc="the kind of logarithm of the mel spectrogram",
    ),
    Parameter(
        "LogarithmFloor",
        Real(1e-37, 1e37),  # float32 holds both, as normal numbers
        default=1e-10,  # A17
        doc="the floor of the logarithm: smaller values of the mel spectrogram are raised to it",
    ),
    Parameter(
        "DynamicRange",
        Union(Choice(None), Real(above=0, max=1000)),
        default=None,
        unit="dB",
        neutral=None,
        known_as=("top_db",),
        doc="the range below the largest value of the recording; lower values are raised to the "
        "lower end of the range. It needs the whole recording. None sets no limit",
    ),
    Parameter(
        "CosineScaling",
        Choice("Fourier", "Orthonormal"),
        default="Fourier",  # A18
        doc="the scaling of the cosine transform: as in FourierDCT (Fourier), or orthonormal",
    ),
    Parameter(
        "Liftering",
        Union(Choice(None), Real(above=0, max=1e6)),
        default=None,  # A19
        neutral=None,
        known_as=("lifter", "cepstral_lifter", "ceplifter"),
        doc="L multiplies coefficient n, counted from 0, by 1 + L/2 sin(pi n / L); None for no "
        "liftering, 22 in HTK and Kaldi",
    ),
)
"""The parameters of the cepstrum: NumberOfCoefficients, Logarithm, LogarithmFloor, DynamicRange,
CosineScaling and Liftering."""
