"""SpectrogramArray and ShortTimeFourier: the short-time Fourier transform as complex numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import Automatic, NetEncoder
from netencoders_audio.audio import Audio
from netencoders_audio.encoders.inverse import reconstruct
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.errors import ReconstructionError
from netencoders_audio.helpers.coverage import lost_samples
from netencoders_audio.helpers.reading import mono_waveform
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import MemoryRecording

__all__ = ["ShortTimeFourier", "ShortTimeFourierData", "SpectrogramArray"]

Spectra = npt.NDArray[np.complex64]


def SpectrogramArray(  # noqa: N802 - the name of the language
    audio: Any,
    size: Any = Automatic,
    offset: Any = Automatic,
    window: Any = "boxcar",
    *,
    fft_length: Any = Automatic,
    padding: Any = Automatic,
    channel: Any = Automatic,
) -> Spectra:
    """Return the short-time Fourier transform of audio, at its own sample rate.

    Element (i, b) is ::

        sum over t of w[t] * x[i * offset + t] * exp(-2j pi b t / fft_length)

    for partition (frame) i: complex numbers, both halves, not scaled. It is the array of the
    encoder AudioSTFT with the same parameters, with the same bits.

    Parameters
    ----------
    audio : object
        An input of the audio encoders, such as an `Audio`, a path, a result of `Audio.open`, or
        bytes.
    size : Automatic, int or str
        The length of a partition, in samples, or a duration such as ``"25 ms"``: WindowSize.
        Automatic is 2 ** round(log2(sqrt(m)) + 1) for m samples, with halves rounded to even, as
        the language documents for ShortTimeFourier.
    offset : Automatic, int or str
        The hop between partitions, in samples, or a duration: Offset. Automatic is a third of
        `size`, rounded, and at least 1.
    window : str or list
        The window, a value of the parameter WindowFunction. ``"boxcar"`` is the language's
        DirichletWindow, its default: no smoothing.
    fft_length : Automatic, int or str
        The length of the transform: FFTLength. Zeros follow a shorter partition. Automatic is
        `size`.
    padding : object
        The edge rule, a value of the parameter PartitionPadding. Automatic adds zeros on the right,
        so that a partition starts at each multiple of `offset` below m (A5).
    channel : Automatic, int or str
        A value of the parameter Channel: by default, the mean of the channels (A8). The language
        takes the sum of all channels: multiply by their number.

    Returns
    -------
    ndarray of complex64, shape (partitions, fft_length)
        Bin b is the frequency b * rate / fft_length, in Hz.

    Raises
    ------
    AudioError
        The errors of the encoders for an input that cannot be read.
    ParameterError
        An argument is not valid for the parameter of AudioSTFT.

    See Also
    --------
    ShortTimeFourier : the same array, with its times, frequencies and inverse.

    Notes
    -----
    The samples and the whole result are in memory: 8 * fft_length bytes for each partition. A
    stream of the encoder AudioSTFT takes constant memory.

    References
    ----------
    Rules A5, A6, A8 and A150 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import Audio, SpectrogramArray
    >>> SpectrogramArray(Audio([1.0, 0.0, 0.0], 8000), 2, 1)
    array([[1.+0.j, 1.+0.j],
           [0.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]], dtype=complex64)
    """
    return ShortTimeFourier(
        audio, size, offset, window, fft_length=fft_length, padding=padding, channel=channel
    ).array


def ShortTimeFourier(  # noqa: N802 - the name of the language
    audio: Any,
    size: Any = Automatic,
    offset: Any = Automatic,
    window: Any = "boxcar",
    *,
    fft_length: Any = Automatic,
    padding: Any = Automatic,
    channel: Any = Automatic,
) -> ShortTimeFourierData:
    """Return the short-time Fourier transform of audio, with its times and frequencies.

    Parameters
    ----------
    audio, size, offset, window, fft_length, padding, channel
        See `SpectrogramArray`, whose result is the attribute `array`.

    Returns
    -------
    ShortTimeFourierData

    Raises
    ------
    AudioError
        The errors of the encoders for an input that cannot be read.
    ParameterError
        An argument is not valid for the parameter of AudioSTFT.

    Notes
    -----
    The samples and the whole result are in memory: 8 * fft_length bytes for each partition.

    References
    ----------
    Rules A5, A6, A8, A24 and A150 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Audio, ShortTimeFourier
    >>> stft = ShortTimeFourier(Audio(np.sin(np.arange(1000)), 8000), 400, 100, "hann",
    ...     padding="Center")
    >>> stft.array.shape, stft.times[:2], stft.frequencies[:3]
    ((11, 400), array([0.    , 0.0125]), array([ 0., 20., 40.]))
    >>> bool(np.abs(stft.inverse().samples - np.sin(np.arange(1000))).max() < 1e-6)
    True
    """
    with open_recording(audio) as recording:
        rate = recording.rate
        reader = NetEncoder("Audio", SampleRate=rate, Channel=channel)
        samples = mono_waveform(recording, reader.resolved)
        encoder = NetEncoder(
            "AudioSTFT",
            SampleRate=rate,
            WindowSize=_automatic_size(len(samples)) if size is Automatic else size,
            WindowFunction=window,
            FFTLength=fft_length,
            PartitionPadding=padding,
            Offset=offset if offset is not Automatic else 1,
        )
        if offset is Automatic:
            encoder = encoder.replace(Offset=max(1, round(encoder.resolved["WindowSize"] / 3)))
        transform = AudioSTFT(encoder.resolved)
        source = MemoryRecording(Audio(samples, rate), levels=False)  # it was measured above
        parts = transform.collect(source, transform.row, transform.compute)
    return ShortTimeFourierData(parts.view(np.complex64)[..., 0], encoder, len(samples))


@dataclass(frozen=True, eq=False, repr=False)
class ShortTimeFourierData:
    """A short-time Fourier transform, with its times, frequencies and inverse.

    Parameters
    ----------
    array : ndarray of complex64, shape (partitions, fft_length)
        The transform; see `SpectrogramArray`. ``dataclasses.replace(stft, array=...)`` has another
        one of the same shape, whose inverse may be computed.
    encoder : NetEncoder
        The encoder AudioSTFT that gives this array, as real and imaginary parts.
    length : int
        The number of samples of the recording.

    References
    ----------
    Rules A24 and A150 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import Audio, ShortTimeFourier
    >>> ShortTimeFourier(Audio([1.0] * 16000, 16000))
    <ShortTimeFourierData: 189 partitions, 256 bins, offset 85, 16000 samples at 16000 Hz>
    """

    array: Spectra
    encoder: NetEncoder
    length: int

    @property
    def rate(self) -> int:
        """The sample rate in Hz."""
        return int(self.encoder.resolved["SampleRate"])

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """The centre of each partition, in s; 0 is the start of the recording."""
        return self.encoder.output.axes[0].coordinates(len(self.array))

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """The frequency of each bin, in Hz, from 0 up to the sample rate."""
        return self.encoder.output.axes[1].coordinates(self.array.shape[1])

    def inverse(self) -> Audio:
        """Return the audio of the array: one channel, float32, at its sample rate.

        The samples are those of `reconstruct`: overlap-add with the dual window. They are the
        samples of the recording to the rounding of float32 if the array is unchanged, and else
        those whose transform is nearest. If samples of the recording have no weight in any
        partition, there is no inverse.

        Returns
        -------
        Audio

        Raises
        ------
        ReconstructionError
            Samples are lost, such as the first ones with the window ``"hann"`` and zeros on the
            right alone: use the padding ``"Center"``. Or the array has another form, or is not
            finite.
        """
        array = np.ascontiguousarray(self.array, np.complex64)
        parts = array.view(np.float32).reshape(*array.shape, 2)
        samples = reconstruct(parts, self.encoder, self.length)
        lost = lost_samples(self.encoder, len(array), self.length)
        if lost:
            problem = (
                f"'padding' and 'window' must give each sample a weight. Samples {lost.start} to "
                f"{lost.stop - 1} of {self.length} have none. Use padding='Center', or a smaller "
                "offset."
            )
            raise ReconstructionError("ShortTimeFourier", [problem])
        return Audio(samples, self.rate)

    def __repr__(self) -> str:
        count, bins = self.array.shape
        return (
            f"<ShortTimeFourierData: {count} partitions, {bins} bins, offset "
            f"{self.encoder.resolved['Offset']}, {self.length} samples at {self.rate} Hz>"
        )


def _automatic_size(length: int) -> int:
    """Return the size of partitions for a number of samples.

    >>> [_automatic_size(length) for length in (1, 2, 8, 16000)]
    [2, 4, 4, 256]
    """
    return int(2 ** round(math.log2(length) / 2 + 1))
