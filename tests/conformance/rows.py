"""The table of conventions: calls of other libraries, and declarations that give the same arrays.

Each `Row` has a call of a library and an encoder with its parameters. Their arrays agree within
`ALLOWED`. make_golden.py makes the golden arrays and docs/conventions.md from this table.
test_conventions.py compares the encoders with the golden arrays, and test_parity.py with the
installed libraries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["EPS", "ROWS", "Declaration", "Row"]

EPS = float(np.finfo(np.float32).eps)
ALLOWED = {
    "Audio": 8,
    "AudioPartitions": 1,
    "AudioSTFT": 4,
    "AudioSpectrogram": 8,
    "AudioMelSpectrogram": 8,
    "AudioMFCC": 32,
    "AudioChroma": 8,
}
"""The largest error relative to the largest value, in units of float32's eps (1.2e-7).

Both sides compute in float32, in different orders. The logarithm of an MFCC amplifies the errors
of small values: a filter far below the loudest filter has only few exact digits.
"""
SINGLE = 64
"""The same for torchaudio and Kaldi, which also compute their filters in float32."""


@dataclass(frozen=True)
class Declaration:
    """An encoder and its parameters; the recording is at 16 kHz, the default of all encoders.

    `layers` are the names and parameters of the layers after it.
    """

    encoder: str
    parameters: dict[str, Any] = field(default_factory=dict)
    layers: tuple[tuple[str, dict[str, Any]], ...] = ()

    def then(self, layer: str, **parameters: Any) -> Declaration:
        """Return the declaration with one more layer."""
        return replace(self, layers=(*self.layers, (layer, parameters)))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One convention of one library.

    Attributes
    ----------
    name : str
        The name of the test and of the golden array.
    library : str
        The name on PyPI. The libraries in `libraries.DOCUMENTED` are not run.
    transform : str
        The title of the row.
    call : str
        An expression with x, the recording; see `libraries.evaluate`. Its value is an array with
        frames first, and with complex numbers for AudioSTFT.
    same : Declaration
        The encoder that gives the same array.
    allowed : int or None
        The largest allowed error, in units of eps; None stands for the value in `ALLOWED`.
    """

    name: str
    library: str
    transform: str
    call: str
    same: Declaration
    allowed: int | None = None

    @property
    def units(self) -> int:
        """Return the largest allowed error, in units of eps."""
        return self.allowed or ALLOWED[self.same.encoder]

    @property
    def tolerance(self) -> float:
        """Return the largest allowed error."""
        return self.units * EPS


def _audio(**parameters: Any) -> Declaration:
    return Declaration("Audio", parameters)


def _stft(**parameters: Any) -> Declaration:
    return Declaration("AudioSTFT", parameters)


def _spectrogram(**parameters: Any) -> Declaration:
    return Declaration("AudioSpectrogram", parameters)


def _mel(**parameters: Any) -> Declaration:
    return Declaration("AudioMelSpectrogram", parameters)


def _mfcc(**parameters: Any) -> Declaration:
    return Declaration("AudioMFCC", parameters)


def _chroma(**parameters: Any) -> Declaration:
    return Declaration("AudioChroma", parameters)


# The defaults of Kaldi, from frames to filters.
KALDI = {
    "WindowSize": 400,
    "Offset": 160,
    "WindowFunction": "povey_symmetric",
    "PartitionPadding": None,
    "RemoveMean": True,
    "PreEmphasis": 0.97,
    "FFTLength": 512,
    "NumberOfFilters": 23,
    "MinimumFrequency": 20,
    "FilterSlopes": "Mel",
}
KALDI_CEPSTRUM = {
    **KALDI,
    "LogarithmFloor": 1.1920929e-07,  # the eps of float32, with 8 digits
    "CosineScaling": "Orthonormal",
    "Liftering": 22,
}

LIBROSA = (
    Row(
        name="librosa-resample",
        library="librosa",
        transform="`librosa.resample`, and the `sr` of `librosa.load`: `soxr_hq` (its default)",
        call="librosa.resample(x, orig_sr=16000, target_sr=22050)[:, None]",
        same=_audio(SampleRate=22050, ResampledLength="Ceiling"),
    ),
    Row(
        name="librosa-resample-vhq",
        library="librosa",
        transform="`librosa.resample`, `soxr_vhq`",
        call='librosa.resample(x, orig_sr=16000, target_sr=8000, res_type="soxr_vhq")[:, None]',
        same=_audio(SampleRate=8000, Resampling="SoxrVHQ"),
    ),
    Row(
        name="librosa-resample-polyphase",
        library="librosa",
        transform="`librosa.resample`, `polyphase`",
        call='librosa.resample(x, orig_sr=16000, target_sr=8000, res_type="polyphase")[:, None]',
        same=_audio(SampleRate=8000, Resampling="ScipyPolyphase"),
    ),
    Row(
        name="librosa-stft-complex",
        library="librosa",
        transform="`librosa.stft`, centre zero (its default), complex",
        call="librosa.stft(x, n_fft=512, hop_length=256).T",
        same=_stft(WindowSize=512, Offset=256, PartitionPadding="Center"),
    ),
    Row(
        name="librosa-stft-complex-short-window",
        library="librosa",
        transform="`librosa.stft`, window shorter than the FFT, centre reflect, complex",
        call='librosa.stft(x, n_fft=512, hop_length=256, win_length=400, pad_mode="reflect").T',
        same=_stft(
            WindowSize=400,
            Offset=256,
            FFTLength=512,
            WindowPlacement="Center",
            PartitionPadding="CenterReflect",
        ),
    ),
    Row(
        name="librosa-stft-centre-zero",
        library="librosa",
        transform="`librosa.stft`, centre zero (its default), magnitude",
        call="np.abs(librosa.stft(x, n_fft=512, hop_length=160)).T",
        same=_spectrogram(WindowSize=512, Offset=160, PartitionPadding="Center", Power=1),
    ),
    Row(
        name="librosa-stft-centre-reflect",
        library="librosa",
        transform="`librosa.stft`, centre reflect, power",
        call='np.abs(librosa.stft(x, n_fft=512, hop_length=160, pad_mode="reflect")).T ** 2',
        same=_spectrogram(WindowSize=512, Offset=160, PartitionPadding="CenterReflect"),
    ),
    Row(
        name="librosa-stft-symmetric-window",
        library="librosa",
        transform="`librosa.stft`, symmetric window, power",
        call="np.abs(librosa.stft(x, n_fft=400, hop_length=200, window=np.hamming(400))).T ** 2",
        same=_spectrogram(
            WindowSize=400,
            Offset=200,
            WindowFunction="hamming_symmetric",
            PartitionPadding="Center",
        ),
    ),
    Row(
        name="librosa-stft-not-centred",
        library="librosa",
        transform="`librosa.stft`, not centred, power",
        call="np.abs(librosa.stft(x, n_fft=400, hop_length=160, center=False)).T ** 2",
        same=_spectrogram(WindowSize=400, Offset=160, PartitionPadding=None),
    ),
    Row(
        name="librosa-stft-short-window",
        library="librosa",
        transform="`librosa.stft`, window shorter than the FFT, magnitude",
        call="np.abs(librosa.stft(x, n_fft=512, hop_length=160, win_length=401)).T",
        same=_spectrogram(
            WindowSize=401,
            Offset=160,
            FFTLength=512,
            WindowPlacement="Center",
            PartitionPadding="Center",
            Power=1,
        ),
    ),
    Row(
        name="librosa-stft-short-window-not-centred",
        library="librosa",
        transform="`librosa.stft`, window shorter than the FFT, not centred, power",
        call="np.abs(librosa.stft(x, n_fft=512, hop_length=160, win_length=400, center=False)).T "
        "** 2",
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            WindowPlacement="Center",
            PartitionPadding=None,
        ),
    ),
    Row(
        name="librosa-melspectrogram",
        library="librosa",
        transform="`librosa.feature.melspectrogram`, its defaults",
        call="librosa.feature.melspectrogram(y=x, sr=16000).T",
        same=_mel(
            WindowSize=2048,
            Offset=512,
            PartitionPadding="Center",
            NumberOfFilters=128,
            MelScale="Slaney",
            FilterNormalization="Slaney",
        ),
    ),
    Row(
        name="librosa-melspectrogram-htk",
        library="librosa",
        transform="`librosa.feature.melspectrogram`, HTK scale, magnitudes",
        call="librosa.feature.melspectrogram(y=x, sr=16000, n_fft=512, hop_length=160, n_mels=40, "
        "htk=True, norm=None, power=1, fmin=20, fmax=7600).T",
        same=_mel(
            WindowSize=512,
            Offset=160,
            PartitionPadding="Center",
            Power=1,
            NumberOfFilters=40,
            MinimumFrequency=20,
            MaximumFrequency=7600,
            MelScale="HTK",
        ),
    ),
    Row(
        name="librosa-power-to-db",
        library="librosa",
        transform="`librosa.power_to_db`, `ref=np.max`, of `librosa.feature.melspectrogram`",
        call="librosa.power_to_db(librosa.feature.melspectrogram(y=x, sr=16000), ref=np.max).T",
        same=_mel(
            WindowSize=2048,
            Offset=512,
            PartitionPadding="Center",
            NumberOfFilters=128,
            MelScale="Slaney",
            FilterNormalization="Slaney",
        )
        .then("Log", Base="Decibel")
        .then("SubtractMaximum")
        .then("DynamicRange", Below=80),
        allowed=32,
    ),
    Row(
        name="librosa-mfcc",
        library="librosa",
        transform="`librosa.feature.mfcc`, its defaults",
        call="librosa.feature.mfcc(y=x, sr=16000).T",
        same=_mfcc(
            WindowSize=2048,
            Offset=512,
            PartitionPadding="Center",
            NumberOfFilters=128,
            MelScale="Slaney",
            FilterNormalization="Slaney",
            NumberOfCoefficients=20,
            Logarithm="Decibel",
            DynamicRange=80,
            CosineScaling="Orthonormal",
        ),
    ),
    Row(
        name="librosa-frame",
        library="librosa",
        transform="`librosa.util.frame`, centred on zeros",
        call="librosa.util.frame(np.pad(x, 128), frame_length=256, hop_length=200).T",
        same=Declaration(
            "AudioPartitions", {"WindowSize": 256, "Offset": 200, "PartitionPadding": "Center"}
        ),
    ),
    Row(
        name="librosa-chroma",
        library="librosa",
        transform="`librosa.feature.chroma_stft`, `tuning=0`",
        call="librosa.feature.chroma_stft(y=x, sr=16000, tuning=0).T",
        same=_chroma(WindowSize=2048, Offset=512, PartitionPadding="Center"),
    ),
    Row(
        name="librosa-chroma-quarter-tones",
        library="librosa",
        transform="`librosa.feature.chroma_stft`, quarter tones from A, all octaves alike, short "
        "window",
        call="librosa.feature.chroma_stft(y=x, sr=16000, tuning=0.3, n_chroma=24, base_c=False, "
        'octwidth=None, norm=2, n_fft=1024, hop_length=300, win_length=801, pad_mode="reflect").T',
        same=_chroma(
            WindowSize=801,
            Offset=300,
            FFTLength=1024,
            WindowPlacement="Center",
            PartitionPadding="CenterReflect",
            NumberOfChroma=24,
            Tuning=0.3,
            OctaveWeighting=None,
            FirstChroma="A",
            ChromaNormalization="Energy",
        ),
    ),
    Row(
        name="librosa-chroma-filters",
        library="librosa",
        transform="`librosa.filters.chroma`, the largest weight of each bin 1, of magnitudes",
        call="np.abs(librosa.stft(x, n_fft=1024, hop_length=256)).T @ librosa.filters.chroma("
        "sr=16000, n_fft=1024, norm=np.inf, ctroct=4, octwidth=1).T",
        same=_chroma(
            WindowSize=1024,
            Offset=256,
            PartitionPadding="Center",
            Power=1,
            OctaveWeighting=[4, 1],
            BinNormalization="Max",
            ChromaNormalization=None,
        ),
    ),
)

TORCH = (
    Row(
        name="torch-stft-complex",
        library="torch",
        transform="`torch.stft`, centre reflect (its default), complex, two-sided",
        call="torch.stft(x, 256, 200, window=torch.hann_window(256), onesided=False, "
        "return_complex=True).T",
        same=_stft(WindowSize=256, Offset=200, PartitionPadding="CenterReflect"),
    ),
    Row(
        name="torch-stft-complex-short-window",
        library="torch",
        transform="`torch.stft`, window shorter than the FFT, centre zero, symmetric window, "
        "complex",
        call="torch.stft(x, 512, 256, 401, torch.hamming_window(401, periodic=False), "
        'pad_mode="constant", return_complex=True).T',
        same=_stft(
            WindowSize=401,
            Offset=256,
            FFTLength=512,
            WindowFunction="hamming_symmetric",
            WindowPlacement="Center",
            PartitionPadding="Center",
        ),
    ),
    Row(
        name="torch-stft-centre-reflect",
        library="torch",
        transform="`torch.stft`, centre reflect (its default), magnitude",
        call="torch.stft(x, 512, 160, window=torch.hann_window(512), return_complex=True).abs().T",
        same=_spectrogram(WindowSize=512, Offset=160, PartitionPadding="CenterReflect", Power=1),
    ),
    Row(
        name="torch-stft-centre-zero-symmetric-window",
        library="torch",
        transform="`torch.stft`, centre zero, symmetric window, power",
        call="torch.stft(x, 400, 160, window=torch.hann_window(400, periodic=False), "
        'pad_mode="constant", return_complex=True).abs().T ** 2',
        same=_spectrogram(
            WindowSize=400, Offset=160, WindowFunction="hann_symmetric", PartitionPadding="Center"
        ),
    ),
    Row(
        name="torch-stft-not-centred",
        library="torch",
        transform="`torch.stft`, not centred, window shorter than the FFT, power",
        call="torch.stft(x, 512, 160, 400, torch.hann_window(400), center=False, "
        "return_complex=True).abs().T ** 2",
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            WindowPlacement="Center",
            PartitionPadding=None,
        ),
    ),
    Row(
        name="torch-stft-normalized",
        library="torch",
        transform='`torch.stft`, normalized; torchaudio\'s `normalized="frame_length"`',
        call="torch.stft(x, 512, 160, window=torch.hann_window(512), normalized=True, "
        "return_complex=True).abs().T ** 2",
        same=_spectrogram(WindowSize=512, Offset=160, PartitionPadding="CenterReflect").then(
            "Affine", Factor=1 / 512
        ),
    ),
)

TORCHAUDIO = (
    Row(
        name="torchaudio-resample",
        library="torchaudio",
        transform="`torchaudio.functional.resample`, its defaults",
        call="resample(x, 16000, 11025)[:, None]",
        same=_audio(SampleRate=11025, Resampling="TorchaudioHann"),
    ),
    Row(
        name="torchaudio-resample-kaiser",
        library="torchaudio",
        transform="`torchaudio.functional.resample`, its documented values for `kaiser_best`",
        call='resample(x, 16000, 11025, 64, 0.9475937167399596, "sinc_interp_kaiser", '
        "14.769656459379492)[:, None]",
        same=_audio(SampleRate=11025, Resampling="TorchaudioKaiser"),
    ),
    Row(
        name="torchaudio-spectrogram-complex",
        library="torchaudio",
        transform="`torchaudio.transforms.Spectrogram`, `power=None`",
        call="transforms.Spectrogram(power=None)(x).T",
        same=_stft(WindowSize=400, Offset=200, PartitionPadding="CenterReflect"),
    ),
    Row(
        name="torchaudio-spectrogram",
        library="torchaudio",
        transform="`torchaudio.transforms.Spectrogram`, its defaults",
        call="transforms.Spectrogram()(x).T",
        same=_spectrogram(WindowSize=400, Offset=200, PartitionPadding="CenterReflect"),
    ),
    Row(
        name="torchaudio-spectrogram-normalized",
        library="torchaudio",
        transform="`torchaudio.transforms.Spectrogram`, normalized, magnitude",
        call="transforms.Spectrogram(power=1, normalized=True)(x).T",
        same=_spectrogram(
            WindowSize=400,
            Offset=200,
            PartitionPadding="CenterReflect",
            WindowScaling="Energy",
            Power=1,
        ),
    ),
    Row(
        name="torchaudio-melspectrogram",
        library="torchaudio",
        transform="`torchaudio.transforms.MelSpectrogram`",
        call="transforms.MelSpectrogram(n_fft=512, win_length=400, hop_length=160, n_mels=80)(x).T",
        same=_mel(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            PartitionPadding="CenterReflect",
            NumberOfFilters=80,
        ),
        allowed=SINGLE,
    ),
    Row(
        name="torchaudio-melspectrogram-slaney",
        library="torchaudio",
        transform="`torchaudio.transforms.MelSpectrogram`, with the filters of librosa",
        call='transforms.MelSpectrogram(n_fft=512, n_mels=64, norm="slaney", '
        'mel_scale="slaney")(x).T',
        same=_mel(
            WindowSize=512,
            Offset=256,
            PartitionPadding="CenterReflect",
            NumberOfFilters=64,
            MelScale="Slaney",
            FilterNormalization="Slaney",
        ),
        allowed=SINGLE,
    ),
    Row(
        name="torchaudio-mfcc",
        library="torchaudio",
        transform="`torchaudio.transforms.MFCC`",
        call='transforms.MFCC(n_mfcc=13, melkwargs={"n_fft": 512, "n_mels": 40})(x).T',
        same=_mfcc(
            WindowSize=512,
            Offset=256,
            PartitionPadding="CenterReflect",
            NumberOfFilters=40,
            NumberOfCoefficients=13,
            Logarithm="Decibel",
            DynamicRange=80,
            CosineScaling="Orthonormal",
        ),
        allowed=SINGLE,
    ),
    Row(
        name="torchaudio-kaldi-fbank",
        library="torchaudio",
        transform="`torchaudio.compliance.kaldi.fbank`, without logarithm",
        call="kaldi.fbank(x[None], use_log_fbank=False)",
        same=_mel(**KALDI),
        allowed=SINGLE,
    ),
    Row(
        name="torchaudio-kaldi-mfcc",
        library="torchaudio",
        transform="`torchaudio.compliance.kaldi.mfcc`, its defaults",
        call="kaldi.mfcc(x[None])",
        same=_mfcc(**KALDI_CEPSTRUM),
        allowed=SINGLE,
    ),
)

KALDI_NATIVE_FBANK = (
    Row(
        name="kaldi-native-fbank-fbank",
        library="kaldi-native-fbank",
        transform="`OnlineFbank`, without logarithm and dither",
        call='fbank(x, frame_opts={"dither": 0}, mel_opts={"num_bins": 80}, use_log_fbank=False)',
        same=_mel(**KALDI | {"NumberOfFilters": 80}),
        allowed=SINGLE,
    ),
    Row(
        name="kaldi-native-fbank-fbank-log",
        library="kaldi-native-fbank",
        transform="`OnlineFbank`, without dither",
        call='fbank(x, frame_opts={"dither": 0}, mel_opts={"num_bins": 80})',
        same=_mel(**KALDI | {"NumberOfFilters": 80}).then("Log", Floor=1.1920929e-07),
        allowed=SINGLE,
    ),
    Row(
        name="kaldi-native-fbank-fbank-log-16-bits",
        library="kaldi-native-fbank",
        transform="`OnlineFbank`, without dither, of samples of 16 bits",
        call='fbank(x * 32768, frame_opts={"dither": 0}, mel_opts={"num_bins": 80})',
        same=_mel(**KALDI | {"NumberOfFilters": 80})
        .then("Log", Floor=1.1102230246251565e-16)
        .then("Affine", Shift=20.79441541679836),
        allowed=SINGLE,
    ),
    Row(
        name="kaldi-native-fbank-fbank-edges",
        library="kaldi-native-fbank",
        transform="`OnlineFbank`, `snip_edges=False`",
        call='fbank(x, frame_opts={"dither": 0, "snip_edges": False}, mel_opts={"num_bins": 80}, '
        "use_log_fbank=False)",
        same=_mel(**KALDI | {"NumberOfFilters": 80, "PartitionPadding": (120, 200, "Symmetric")}),
        allowed=SINGLE,
    ),
    Row(
        name="kaldi-native-fbank-fbank-hamming",
        library="kaldi-native-fbank",
        transform="`OnlineFbank`, other options, magnitudes",
        call='fbank(x, frame_opts={"dither": 0, "window_type": "hamming", "preemph_coeff": 0, '
        '"remove_dc_offset": False, "round_to_power_of_two": False}, mel_opts={"num_bins": 40, '
        '"high_freq": -400}, use_power=False, use_log_fbank=False)',
        same=_mel(
            WindowSize=400,
            Offset=160,
            WindowFunction="hamming_symmetric",
            PartitionPadding=None,
            Power=1,
            NumberOfFilters=40,
            MinimumFrequency=20,
            MaximumFrequency=7600,
            FilterSlopes="Mel",
        ),
        allowed=SINGLE,
    ),
    Row(
        name="kaldi-native-fbank-mfcc",
        library="kaldi-native-fbank",
        transform="`OnlineMfcc`, without energy and dither",
        call='mfcc(x, frame_opts={"dither": 0}, mel_opts={"num_bins": 23}, use_energy=False)',
        same=_mfcc(**KALDI_CEPSTRUM),
        allowed=SINGLE,
    ),
)

SCIPY = (
    Row(
        name="scipy-resample-poly",
        library="scipy",
        transform="`scipy.signal.resample_poly`, its default window",
        call="resample_poly(x, 441, 640)[:, None]",
        same=_audio(SampleRate=11025, Resampling="ScipyPolyphase"),
    ),
    Row(
        name="scipy-short-time-fft-complex",
        library="scipy",
        transform="`ShortTimeFFT.stft`, `phase_shift=None`, slices from 0 on, complex",
        call="ShortTimeFFT(get_window('hann', 400), 200, 16000, phase_shift=None).stft(x, "
        "p0=0, p1=1 + len(x) // 200).T",
        same=_stft(WindowSize=400, Offset=200, PartitionPadding="Center"),
    ),
    Row(
        name="scipy-short-time-fft",
        library="scipy",
        transform="`ShortTimeFFT.spectrogram`, slices from 0 on",
        call="ShortTimeFFT(get_window('hann', 400), 160, 16000, mfft=512).spectrogram(x, "
        "p0=0, p1=1 + len(x) // 160).T",
        same=_spectrogram(WindowSize=400, Offset=160, FFTLength=512, PartitionPadding="Center"),
    ),
    Row(
        name="scipy-short-time-fft-psd",
        library="scipy",
        transform="`ShortTimeFFT`, scaled to `psd`",
        call="ShortTimeFFT(get_window('hann', 400), 160, 16000, mfft=512, scale_to=\"psd\")"
        ".spectrogram(x, p0=0, p1=1 + len(x) // 160).T",
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            PartitionPadding="Center",
            WindowScaling="Energy",
        ).then("Affine", Factor=1 / 16000),
    ),
    Row(
        name="scipy-short-time-fft-magnitude",
        library="scipy",
        transform="`ShortTimeFFT.stft`, scaled to magnitudes, symmetric window",
        call="np.abs(ShortTimeFFT(get_window('hann', 400, fftbins=False), 200, 16000, "
        'scale_to="magnitude").stft(x, p0=0, p1=1 + len(x) // 200)).T',
        same=_spectrogram(
            WindowSize=400,
            Offset=200,
            WindowFunction="hann_symmetric",
            PartitionPadding="Center",
            WindowScaling="Sum",
            Power=1,
        ),
    ),
    Row(
        name="scipy-spectrogram-magnitude",
        library="scipy",
        transform="`scipy.signal.spectrogram`, magnitudes",
        call="spectrogram(x, 16000, ('tukey', 0.25), nperseg=400, noverlap=240, nfft=512, "
        'scaling="spectrum", mode="magnitude")[2].T',
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            WindowFunction=("tukey", 0.25),
            PartitionPadding=None,
            RemoveMean=True,
            WindowScaling="Sum",
            FFTLength=512,
            Power=1,
        ),
    ),
    Row(
        name="scipy-spectrogram-psd",
        library="scipy",
        transform="`scipy.signal.spectrogram`, its default `psd`: all bins except the first and "
        "the last are doubled",
        call="spectrogram(x, 16000, ('tukey', 0.25), nperseg=400, noverlap=240, nfft=512)[2].T",
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            WindowFunction=("tukey", 0.25),
            PartitionPadding=None,
            RemoveMean=True,
            WindowScaling="Energy",
            FFTLength=512,
        ).then("Affine", Factor=[1 / 16000, *[2 / 16000] * 255, 1 / 16000]),
    ),
)

TF_SIGNAL = (
    Row(
        name="tf-signal-stft-complex",
        library="tensorflow",
        transform="`tf.signal.stft`, whole frames (its default), complex",
        call="tf_signal_stft(x, frame_length=400, frame_step=200)",
        same=_stft(WindowSize=400, Offset=200, FFTLength=512, PartitionPadding=None),
    ),
    Row(
        name="tf-signal-stft",
        library="tensorflow",
        transform="`tf.signal.stft`, whole frames (its default), power",
        call="np.abs(tf_signal_stft(x, frame_length=400, frame_step=160)) ** 2",
        same=_spectrogram(WindowSize=400, Offset=160, FFTLength=512, PartitionPadding=None),
    ),
    Row(
        name="tf-signal-stft-pad-end",
        library="tensorflow",
        transform="`tf.signal.stft`, padded at the end, magnitude",
        call="np.abs(tf_signal_stft(x, frame_length=400, frame_step=134, pad_end=True))",
        same=_spectrogram(WindowSize=400, Offset=134, FFTLength=512, Power=1),
    ),
    Row(
        name="tf-signal-mel",
        library="tensorflow",
        transform="`tf.signal.linear_to_mel_weight_matrix` of magnitudes",
        call="np.abs(tf_signal_stft(x, 400, 160)) @ tf_signal_linear_to_mel_weight_matrix(40, 257, "
        "16000, 125.0, 3800.0)",
        same=_mel(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            PartitionPadding=None,
            Power=1,
            NumberOfFilters=40,
            MinimumFrequency=125,
            MaximumFrequency=3800,
            FilterSlopes="Mel",
        ),
    ),
    Row(
        name="tf-signal-mfcc",
        library="tensorflow",
        transform="`tf.signal.mfccs_from_log_mel_spectrograms`; also HTK",
        call="tf_signal_mfccs_from_log_mel_spectrograms(np.log(np.maximum(np.abs(tf_signal_stft("
        "x, 400, 160)) @ tf_signal_linear_to_mel_weight_matrix(40, 257, 16000, 125.0, 3800.0), "
        "1e-6)))[:, :13]",
        same=_mfcc(
            WindowSize=400,
            Offset=160,
            FFTLength=512,
            PartitionPadding=None,
            Power=1,
            NumberOfFilters=40,
            MinimumFrequency=125,
            MaximumFrequency=3800,
            FilterSlopes="Mel",
            LogarithmFloor=1e-6,
        ).then("Affine", Factor=2**0.5),
    ),
)

PYTHON_SPEECH_FEATURES = (
    Row(
        name="python-speech-features-magspec",
        library="python_speech_features",
        transform="`magspec` of `framesig`",
        call="sigproc.magspec(sigproc.framesig(x, 400, 160, np.hamming), 512)",
        same=_spectrogram(
            WindowSize=400,
            Offset=160,
            WindowFunction="hamming_symmetric",
            PartitionPadding=(0, 159, "Zero"),
            FFTLength=512,
            Power=1,
        ),
    ),
)

ROWS = (
    *LIBROSA,
    *TORCH,
    *TORCHAUDIO,
    *KALDI_NATIVE_FBANK,
    *SCIPY,
    *TF_SIGNAL,
    *PYTHON_SPEECH_FEATURES,
)
"""All rows; names are unique."""
