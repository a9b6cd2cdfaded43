"""The first stages of all audio encoders, from an open recording to a normalized waveform."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import Automatic, Integer, Parameter, check_stop
from netencoders_audio.encoders.constraints import (
    LIMITS,
    fill_rule,
    fixed_length,
    is_unchanged,
    largest_length,
)
from netencoders_audio.encoders.parameters import WAVEFORM
from netencoders_audio.errors import AudioError
from netencoders_audio.limits import current_limits, exceeded
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.recording import (
    MemoryRecording,
    Recording,
    Threads,
    no_such_channel,
    one_pass,
)
from netencoders_audio.stages.emphasis import emphasize
from netencoders_audio.stages.energies import Energies
from netencoders_audio.stages.fill import fill, filled_length
from netencoders_audio.stages.length import cut, cut_start, refuse_longer
from netencoders_audio.stages.mono import mix, mix_bounded
from netencoders_audio.stages.normalization import normalize
from netencoders_audio.stages.resample import lookahead, resample, resampled_length

__all__ = ["mono_samples", "prepare_audio", "refuse_samples", "waveform", "waveform_length"]

Samples = npt.NDArray[np.float32]

# Samples of all channels to decode at once: many, because each call takes time, mainly with several
# threads; and few enough for the processor cache. Half as many took 3 to 10 % more time for long
# files, and twice as many did not take less (measured).
BLOCK = 1 << 18

CANCELLED = (
    "its channels cancel each other: their mean, which is encoded, has almost no energy. One of "
    "them may have the opposite phase. Choose one with the parameter Channel, such as "
    "Channel='Left'"
)

RATE = Parameter("rate", Integer(1, LIMITS["SampleRate"]), 16000, unit="Hz")


def waveform(
    recording: Recording,
    resolved: Mapping[str, Any],
    *,
    keep: bool = False,
    threads: Threads | None = None,
) -> Iterator[Samples]:
    """Yield a recording as mono samples, as the parameters of `WAVEFORM` declare.

    Parameters
    ----------
    recording : Recording
    resolved : mapping
        Contains all parameters of `WAVEFORM`.
    keep : bool
        Whether to keep the samples in memory if Normalization needs two passes, instead of reading
        the recording twice.
    threads : Threads, optional
        Worker threads, which decode the next blocks. With a TargetLength they are not used, because
        only the needed blocks are decoded.

    Yields
    ------
    ndarray of float32, shape (k,)

    Raises
    ------
    AudioError
        With code ``one-pass``: Normalization needs two passes, and the recording can be read once;
        ``limit-exceeded``: the ratio of the two rates is too large, or needs too long a filter;
        ``no-such-channel``; ``too-long``: TargetSide refuses a recording that is longer than
        TargetLength.
    """
    rate, normalization = resolved["SampleRate"], resolved["Normalization"]
    resampler, rounding = resolved["Resampling"], resolved["ResampledLength"]
    if (only := _only_block(recording, resolved)) is not None:
        return iter((only,))
    channel = None if resolved["Channel"] == "Mean" else resolved["Channel"]
    if channel is not None and channel >= recording.channels:
        raise no_such_channel(channel, recording)
    target = largest_length(resolved)
    side = resolved["TargetSide"]
    # Only the first samples are decoded, unless the others are needed.
    length = target if side == "Start" else None
    if normalization is not None and not (keep or recording.repeatable):
        raise one_pass()
    message = "no samples"
    if recording.rate != rate:
        check_ratio(recording.rate, rate)
        if recording.length:  # one sample at 44100 Hz gives none at 16000 Hz
            message += f" at {rate} Hz"
    block = _block_size(recording, rate, length, lookahead(recording.rate, rate, resampler))

    def samples() -> Iterator[Samples]:
        in_memory = isinstance(recording, MemoryRecording)
        if threads is None or not threads.several or length is not None or in_memory:
            frames = recording.blocks(block)
        else:
            frames = recording.blocks_ahead(block, threads)
        frames = _stoppable(frames)
        energies = _energies(recording, rate, length) if channel is None else None
        mono = mix(frames, channel, recording.origin, energies)
        resampled = resample(mono, recording.rate, rate, resampler, rounding)
        kept = cut(resampled, length, message)
        if target is None or side == "Start":
            return kept
        return cut_start(kept, target) if side == "End" else refuse_longer(kept, target)

    if normalization is None:
        levelled = samples()
    elif not keep:
        levelled = normalize(samples, normalization)
    else:
        kept = [block.copy() for block in _stoppable(samples())]
        levelled = normalize(lambda: kept, normalization)
    emphasized = emphasize(levelled, resolved["SignalPreEmphasis"])
    return _stoppable(fill(emphasized, fill_rule(resolved)))


def _only_block(recording: Recording, resolved: Mapping[str, Any]) -> Samples | None:
    """Return the waveform of a recording that is one block, and that no stage but `mix` changes.

    It is None for any other recording. The other stages would pass the same block on unchanged.
    """
    size = BLOCK // recording.channels
    if not 0 < (recording.length or 0) < size or not recording.repeatable:
        return None
    if not is_unchanged(recording.rate, resolved):
        return None
    check_stop()
    frames = recording.blocks(size)
    first = next(frames, None)
    if first is None or next(frames, None) is not None:  # its header claims too few frames
        return None
    energies = _energies(recording, recording.rate, None)
    block = mix_bounded(first, recording.origin, energies)
    if energies is not None:
        energies.end()
    block.flags.writeable = False  # no other block is written over it
    return block


def _stoppable(blocks: Iterator[npt.NDArray[Any]]) -> Iterator[npt.NDArray[Any]]:
    """Yield the blocks; raise an error if the worker threads are stopped in between."""
    for block in blocks:
        check_stop()
        yield block


def waveform_length(recording: Recording, resolved: Mapping[str, Any]) -> int | None:
    """Return the number of samples of `waveform`, from the claimed length; None if unknown."""
    fixed = fixed_length(resolved)
    if fixed is not None or recording.length is None:
        return fixed
    if is_unchanged(recording.rate, resolved):
        return recording.length
    rates = recording.rate, resolved["SampleRate"]
    length = resampled_length(recording.length, *rates, resolved["ResampledLength"])
    largest = largest_length(resolved)
    length = length if largest is None else min(length, largest)
    return filled_length(length, fill_rule(resolved))


def mono_samples(value: Any, rate: int, channel: Any = Automatic) -> Samples:
    """Return an audio input as mono samples at one rate, for the encoders of other plugins.

    The other parameters of `WAVEFORM` have their defaults.

    Parameters
    ----------
    value : object
        A path, an `Audio`, bytes, a binary file object, or a dict as in Hugging Face datasets.
    rate : int
        Sample rate in Hz.
    channel : Automatic, int or str
        A value of the parameter Channel: by default, the mean of the channels.

    Returns
    -------
    ndarray of float32, shape (samples,)

    Raises
    ------
    AudioError
        The input cannot be encoded.
    ValueError
        The rate or the channel is not valid.

    References
    ----------
    Rules A8, A9 and A37 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import Audio, mono_samples
    >>> mono_samples(Audio([[1.0, 0.5], [0.0, 0.5]], 8000), 8000)
    array([0.75, 0.25], dtype=float32)
    """
    resolved = _defaults(WAVEFORM, RATE.check(rate))
    if channel is not Automatic:
        [declared] = (parameter for parameter in WAVEFORM if parameter.name == "Channel")
        resolved = {**resolved, "Channel": declared.resolve(declared.check(channel), {})}
    with open_recording(value) as recording:
        return np.concatenate([block.copy() for block in waveform(recording, resolved)])


def refuse_samples(array: npt.NDArray[Any]) -> None:
    """Refuse an encoded array that may be one channel of samples (A38).

    Raises
    ------
    AudioError
        With code ``bare-array``: the sample rate is not known.
    """
    if array.ndim == 1 or (array.ndim == 2 and 1 in array.shape):
        raise AudioError(
            f"a bare array of shape {array.shape} and type {array.dtype} may be samples, and has "
            "no sample rate",
            code="bare-array",
            remedy="wrap samples: Audio(samples, rate) from netencoders_audio; if it is encoded "
            "already, net.replace(Input=None) returns a net that takes it",
        )


def prepare_audio() -> None:
    """Import the decoder and the resampler.

    An encoder of another plugin that reads audio calls this function in its method `prepare`.

    Examples
    --------
    >>> from netencoders_audio import prepare_audio
    >>> prepare_audio()
    """
    import soundfile  # noqa: F401 - late: `netencoders list` needs neither
    import soxr  # noqa: F401


@lru_cache(maxsize=64)  # takes 50 us, a second of audio in memory 9 us (measured)
def _defaults(declared: tuple[Parameter, ...], rate: int) -> Mapping[str, Any]:
    """Return the resolved defaults of declarations at one rate."""
    resolved: dict[str, Any] = {"SampleRate": rate}
    for parameter in declared:  # each after those it depends on
        if parameter.name not in resolved:
            value = parameter.check(parameter.default)
            resolved[parameter.name] = parameter.resolve(value, resolved)
    return resolved


def _energies(recording: Recording, new_rate: int, length: int | None) -> Energies | None:
    """Return the measure that warns of channels that cancel, at the first reading; else None."""
    if recording.channels == 1 or recording.measured:
        return None
    recording.measured = True
    # Of the frames that every way of reading decodes.
    limit = None if length is None else max(1, length * recording.rate // new_rate)
    return Energies(limit, lambda: recording.warn(CANCELLED))


def check_ratio(rate: int, new_rate: int) -> None:
    """Raise an AudioError with code ``limit-exceeded`` if the ratio of the rates is too large."""
    ratio = max(rate, new_rate) / min(rate, new_rate)
    limit = current_limits().max_ratio
    if ratio > limit:
        problem = f"its {rate} Hz would be resampled to {new_rate} Hz, a ratio of {ratio:.0f}"
        raise exceeded(problem, "max_ratio", limit, str(math.ceil(ratio)))


def _block_size(recording: Recording, new_rate: int, length: int | None, ahead: int) -> int:
    """Return the number of frames to decode at once: no more than `length` needs."""
    block, rate = max(1, BLOCK // recording.channels), recording.rate
    if length is None:
        return block
    frames = -(-length * rate // new_rate)
    return min(block, frames + ahead)
