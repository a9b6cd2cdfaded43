"""ConformAudio: recordings at one sample rate, of one number of channels, and of one length."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import All, Automatic
from netencoders_audio.audio import Audio, AudioFile
from netencoders_audio.errors import AudioError
from netencoders_audio.helpers.reading import (
    audio_of_columns,
    form_of,
    mono_waveform,
    stored_audio,
)
from netencoders_audio.helpers.resampling import declaration, resampled
from netencoders_audio.recordings.opening import open_recording

__all__ = ["ConformAudio"]

AGAIN: Final = (str, os.PathLike, bytes, bytearray, memoryview, Audio, AudioFile)
"""The inputs that can be opened twice: others are read first."""

MAX_CHANNELS: Final = 1024


def ConformAudio(  # noqa: N802 - the name of the language
    audios: Any,
    *,
    rate: Any = Automatic,
    channels: Any = Automatic,
    length: Any = Automatic,
    resampling: str = "SoxrHQ",
) -> list[Audio]:
    """Return recordings at one sample rate, of one number of channels, and of one length.

    Parameters
    ----------
    audios : list or tuple
        Inputs of the audio encoders, such as `Audio` objects, paths, results of `Audio.open`, or
        bytes.
    rate : Automatic or int
        The sample rate in Hz. Automatic is the highest rate of all inputs.
    channels : Automatic or int
        The number of channels. Automatic is the largest of all inputs. An input of one channel is
        copied to each channel, and the mean of the channels is taken for 1 (A8). Any other change
        is an error, since it needs a choice: `AudioChannelMix` makes it.
    length : Automatic, None, int or str
        The number of samples at the new rate, or a duration such as ``"2 s"``: longer recordings
        are cut at the end, and shorter ones have zeros at the end (A3). Automatic is the longest of
        all results. None keeps each length.
    resampling : str
        The resampler, a value of the parameter Resampling; see `AudioResample`.

    Returns
    -------
    list of Audio
        In the order of the inputs. Samples of float32, shape (frames,) for one channel, else
        (frames, channels), with full scale 1.

    Raises
    ------
    AudioError
        The errors of the encoders for an input that cannot be read; `index` is its place. With code
        ``no-such-channel``: its channels need a choice; ``invalid-audio``: an argument is not
        valid.
    ParameterError
        The rate, the length or the resampler is not valid.

    Notes
    -----
    Each input is read in blocks, and all results are in memory: 4 bytes for each sample of each
    channel. With a length, no more is decoded than this length needs. Without a rate or a number of
    channels, files are opened twice, and an iterator or a file object is held in memory.

    References
    ----------
    Rules A3, A8, A9 and A151 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Audio, ConformAudio
    >>> voice = Audio(np.ones(8000, np.float32), 8000)
    >>> music = Audio(np.zeros((44100, 2), np.int16), 44100)
    >>> ConformAudio([voice, music])  # doctest: +NORMALIZE_WHITESPACE
    [<Audio: 44100 frames, 2 channels, 44100 Hz, float32>,
     <Audio: 44100 frames, 2 channels, 44100 Hz, float32>]
    >>> ConformAudio([voice, music], rate=16000, channels=1, length="0.5 s")
    ... # doctest: +NORMALIZE_WHITESPACE
    [<Audio: 8000 frames, 1 channel, 16000 Hz, float32>,
     <Audio: 8000 frames, 1 channel, 16000 Hz, float32>]
    """
    if not isinstance(audios, list | tuple):
        raise _invalid(
            f"audios must be a list. Got a value of type {type(audios).__name__}",
            "give a list of inputs: ConformAudio([first, second])",
        )
    is_count = isinstance(channels, int | np.integer) and not isinstance(channels, bool)
    if channels is not Automatic and not (is_count and 1 <= channels <= MAX_CHANNELS):
        raise _invalid(
            f"channels must be Automatic or an integer from 1 to {MAX_CHANNELS}. Got "
            f"{channels!r:.80}",
            "give the number of channels, such as 1",
        )
    inputs = list(audios)
    if not inputs:
        return []
    if rate is Automatic or channels is Automatic:
        forms = []
        for place, value in enumerate(inputs):
            with _Placed(place):
                inputs[place] = value if isinstance(value, AGAIN) else stored_audio(value)
                forms.append(form_of(inputs[place], count=False))
        rate = max(form.rate for form in forms) if rate is Automatic else rate
        channels = max(form.channels for form in forms) if channels is Automatic else channels
    declared = declaration(rate, resampling, length=All if length in (None, Automatic) else length)
    limit = None if declared["TargetLength"] is All else int(declared["TargetLength"])
    results = []
    for place, value in enumerate(inputs):
        with _Placed(place):
            results.append(_conformed(value, declared, int(channels), limit))
    if length is not None:
        limit = max(map(len, results)) if limit is None else limit
        for samples in results:
            if len(samples) < limit:  # adds zeros, in place
                samples.resize((limit, samples.shape[1]), refcheck=False)
    return [audio_of_columns(samples, declared["SampleRate"]) for samples in results]


def _conformed(
    value: Any, declared: Mapping[str, Any], channels: int, length: int | None
) -> npt.NDArray[np.float32]:
    """Return one input, shape (frames, channels): at most `length` frames."""
    with open_recording(value) as recording:
        count = recording.channels
        if count == channels:
            return resampled(recording, declared, length)
        if channels == 1:
            samples = mono_waveform(recording, declared)
            return samples.reshape(-1, 1)
        if count == 1:
            return np.repeat(resampled(recording, declared, length), channels, axis=1)
        raise AudioError(
            f"it has {count} channels, and {channels} are wanted, which needs a choice",
            code="no-such-channel",
            remedy="mix it first: AudioChannelMix(audio, matrix), or give channels=1",
        )


class _Placed:
    """Errors in the block have the place of the input."""

    def __init__(self, place: int) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AudioError):
            error.index = self._place


def _invalid(message: str, remedy: str) -> AudioError:
    return AudioError(message, code="invalid-audio", source="ConformAudio", remedy=remedy)
