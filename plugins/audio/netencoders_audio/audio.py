"""Audio: samples with their sample rate, and files with a choice.

The module is long because it documents each argument of `Audio` and of `Audio.open`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, overload

import numpy as np
import numpy.typing as npt

from netencoders.origins import is_of_signal_handler
from netencoders_audio.errors import AudioError
from netencoders_audio.positions import (
    check_channel,
    check_frames,
    check_seconds,
    check_stream,
)

if TYPE_CHECKING:
    from netencoders_audio.helpers.reading import Form

__all__ = ["Audio", "AudioFile", "check_whole"]

_REMEDY: Final = (
    "for 16-bit samples: Audio(np.asarray(samples, np.int16), rate); for floats between -1 and 1: "
    "Audio(np.asarray(samples, np.float32), rate)"
)


class Audio:
    """Samples in memory with their sample rate.

    Parameters
    ----------
    samples : array_like, shape (frames,) or (frames, channels)
        Integers of 8 to 32 bits or floating-point numbers of 16 to 64 bits; an array, a tensor of
        torch, or a list of floats. Integers are scaled by their range to -1 (inclusive) ... 1
        (exclusive); unsigned integers are centred first. Floats are used unchanged, also above 1.
        An array is not copied and never changed.
    rate : int
        Sample rate in Hz, at least 1. A float is accepted if it is integral, such as 16000.0.
    channels : int, optional
        The number of channels of `samples`. It is needed only for a block with fewer frames than
        channels, which otherwise is taken for samples whose channels come first.

    Raises
    ------
    AudioError
        With code ``invalid-audio``: the type, the shape or the rate is not valid.

    Warns
    -----
    AudioWarning
        When the samples are encoded: floats are above 4, or integers of 32 bits stay within the
        range of 16 bits, so that their scale is probably another one.

    References
    ----------
    Rules A23 and A35 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders_audio import Audio
    >>> Audio(np.zeros((44100, 2), np.int16), 44100)
    <Audio: 44100 frames, 2 channels, 44100 Hz, int16>
    """

    __slots__ = ("_stated", "rate", "samples")

    samples: npt.NDArray[Any]
    rate: int
    _stated: int | None

    @overload
    def __init__(
        self, samples: npt.ArrayLike, rate: float, channels: int | None = None
    ) -> None: ...

    @overload
    def __init__(self, samples: str | os.PathLike[str]) -> NoReturn: ...  # see `Audio.open`

    def __init__(self, samples: Any, rate: Any = None, channels: int | None = None) -> None:
        try:
            array = _checked_samples(samples)
        except AudioError as error:
            from netencoders_audio.mistakes import mistaken_samples  # late: for an error only

            raise mistaken_samples(samples, rate) or error from None
        _check_shape(array.shape, channels)
        object.__setattr__(self, "samples", array)
        object.__setattr__(self, "rate", _checked_rate(rate))
        object.__setattr__(self, "_stated", channels)

    @staticmethod
    def open(
        path: str | os.PathLike[str],
        start: float | str | None = None,
        stop: float | str | None = None,
        frames: slice | None = None,
        channel: int | str | None = None,
        truncated: Literal["error", "warn"] = "error",
        stream: int | None = None,
    ) -> AudioFile:
        """Return a file as an input for encoders: an excerpt, a channel, or a truncated file.

        The file is read when it is encoded. The array of an excerpt is that of
        ``Audio(samples[a:b], rate)``, to the bit: the excerpt is taken first, before the mix of the
        channels and resampling. Decoding begins near its start if the format can seek exactly, and
        otherwise at the first frame.

        Parameters
        ----------
        path : str or path-like
        start, stop : float or str, optional
            The times at which the excerpt starts and stops: seconds, or a duration such as
            ``"250 ms"``. Each means the nearest frame of the file, half a frame upwards. By default
            the excerpt reaches from the first frame to the last.
        frames : slice, optional
            The excerpt in frames of the file, instead of `start` and `stop`. As in Python, negative
            numbers count from the end; the file is then decoded twice. Unlike in Python, a slice
            that exceeds the file is an error.
        channel : int or str, optional
            Only this channel: its index from 0, ``"Left"`` (0) or ``"Right"`` (1). The input then
            has one channel, so that the parameter Channel must be Automatic or 0.
        truncated : {"error", "warn"}
            Handling of a file with fewer samples than its header claims: an error, or a warning
            and the available samples.
        stream : int, optional
            The stream of audio of a file that has several, such as a video with two languages. They
            count from 0. Without a choice, such a file is an error that lists them.

        Returns
        -------
        AudioFile

        Raises
        ------
        AudioError
            With code ``invalid-audio``: an argument has another value, or `frames` is given
            together with `start` or `stop`. When the file is encoded, with code ``out-of-range``:
            it has no such excerpt; ``no-such-channel``: it has no such channel;
            ``several-streams``: it has several streams, and none is chosen; ``no-such-stream``.

        References
        ----------
        Rules A36 and A37 in docs/decisions.md.

        Examples
        --------
        >>> Audio.open("call.wav", start=1.5, stop="2750 ms", channel="Left")
        AudioFile(path='call.wav', start=1.5, stop='2750 ms', channel='Left')
        """
        if truncated not in ("error", "warn"):
            problem = f"truncated must be 'error' or 'warn'. Got {truncated!r}"
            raise _invalid(problem, "use one of the two")
        if frames is not None and (start is not None or stop is not None):
            problem = "frames and start or stop are both given"
            raise _invalid(problem, "give frames, or start and stop")
        try:
            return AudioFile(
                os.fspath(path),
                truncated,
                start=None if start is None else check_seconds("start", start),
                stop=None if stop is None else check_seconds("stop", stop),
                frames=None if frames is None else check_frames(frames),
                channel=None if channel is None else check_channel(channel),
                stream=None if stream is None else check_stream(stream),
            )
        except AudioError as error:
            error.source = "Audio.open"
            raise

    @property
    def channels(self) -> int:
        """The number of channels."""
        return 1 if self.samples.ndim == 1 else self.samples.shape[1]

    @property
    def frames(self) -> int:
        """The number of samples of each channel."""
        return len(self.samples)

    @property
    def duration(self) -> float:
        """The duration, in s."""
        return self.frames / self.rate

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("an Audio is immutable.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("an Audio is immutable.")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.samples, self.rate, self._stated))

    def __repr__(self) -> str:
        return (
            f"<Audio: {self.frames} frames, {self.channels} channel{'s' * (self.channels != 1)}, "
            f"{self.rate} Hz, {self.samples.dtype}>"
        )


@dataclass(frozen=True, repr=False)
class AudioFile:
    """A file as an input, with its excerpt, channel and policy; `Audio.open` makes it.

    The properties read the file each time, and hold nothing: they raise the errors of the encoders,
    and are those of the excerpt and the channel. The rate, the channels and the duration need no
    samples, unless the header of the file states no length.

    Parameters
    ----------
    path, truncated, start, stop, frames, channel, stream
        See `Audio.open`.

    References
    ----------
    Rules A36 and A150 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders_audio import Audio
    >>> file = Audio.open("tests/data/speech_16k_mono.wav", stop="0.5 s")
    >>> file.rate, file.channels, file.duration, file.samples.shape
    (16000, 1, 0.5, (8000,))
    """

    path: str
    truncated: Literal["error", "warn"] = "error"
    start: float | str | None = None
    stop: float | str | None = None
    frames: slice | None = field(default=None, hash=False)  # Python 3.11 cannot hash a slice
    channel: int | str | None = None
    stream: int | None = None

    @property
    def rate(self) -> int:
        """The sample rate in Hz."""
        return self._form(count=False).rate

    @property
    def channels(self) -> int:
        """The number of channels."""
        return self._form(count=False).channels

    @property
    def duration(self) -> float:
        """The duration in s, as the header states it; without such a header, as decoded."""
        form = self._form(count=True)
        return (form.frames or 0) / form.rate

    @property
    def samples(self) -> npt.NDArray[Any]:
        """All samples, read now: shape (frames,), or (frames, channels) for several channels.

        They are int16 or float32, as the file is decoded, and take all of their memory.
        ``Audio(file.samples, file.rate)`` is encoded to the bits of the file.
        """
        from netencoders_audio.helpers.reading import stored_audio  # late: it needs this module

        return stored_audio(self).samples

    def _form(self, *, count: bool) -> Form:
        from netencoders_audio.helpers.reading import form_of  # late, as above

        return form_of(self, count=count)

    def __repr__(self) -> str:
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        changed = (
            f"{item.name}={given[item.name]!r}"
            for item in fields(self)
            if given[item.name] != item.default
        )
        return f"AudioFile({', '.join(changed)})"


def check_whole(audio: Audio) -> None:
    """Refuse one frame of two channels as a whole recording; in an iterator it is a short block.

    Raises
    ------
    AudioError
        With code ``invalid-audio``.
    """
    if audio.samples.shape == (1, 2) and audio._stated is None:
        raise _channels_first((1, 2))


def _checked_samples(samples: Any) -> npt.NDArray[Any]:
    first = _first_item(samples)
    if _is_masked(samples) or _is_masked(first):
        remedy = "replace them, for instance by zeros: samples.filled(0)"
        raise _invalid("samples are a masked array, and audio has no masked samples", remedy)
    try:
        array = np.asarray(_on_host(samples))
    except (TypeError, ValueError, RuntimeError) as problem:  # such as torch's
        if is_of_signal_handler(problem):
            raise
        raise _invalid(f"samples are not an array: {problem}", "give an array of numbers") from None
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind in "iu" and isinstance(samples, list | tuple) and isinstance(first, int):
        name = type(samples).__name__
        raise _invalid(f"samples are a {name} of int, whose full scale is unknown", _REMEDY)
    if kind in "iu" and size > 4:
        raise _invalid(f"samples of type {array.dtype} have no known full scale", _REMEDY)
    if kind not in "iuf" or size > 8:
        remedy = "convert them to float32 or int16 first"
        raise _invalid(f"samples of type {array.dtype} are not audio", remedy)
    if array.ndim not in (1, 2):
        remedy = "give (frames,) or (frames, channels)"
        raise _invalid(f"samples of shape {array.shape} are not audio", remedy)
    view = array.view()
    view.setflags(write=False)
    return view


def _first_item(samples: Any) -> Any:
    """Return the first item of nested lists, or another value unchanged."""
    while isinstance(samples, list | tuple) and samples:
        samples = samples[0]
    return samples


def _is_masked(samples: Any) -> bool:
    try:
        return hasattr(samples, "mask") and hasattr(samples, "filled")
    except Exception as problem:  # a property may raise anything
        if is_of_signal_handler(problem):
            raise
        return False


def _on_host(samples: Any) -> Any:
    """Return a tensor of torch as an array, also from a GPU, with a gradient, or of bfloat16."""
    if isinstance(samples, np.ndarray | list):
        return samples
    if not (hasattr(samples, "detach") and hasattr(samples, "cpu")):  # files have a `detach`, too
        return samples
    tensor = samples.detach().cpu()
    try:
        return tensor.numpy()
    except TypeError:  # numpy has no bfloat16
        return tensor.float().numpy()


def _check_shape(shape: tuple[int, ...], stated: int | None) -> None:
    frames, channels = shape if len(shape) == 2 else (shape[0], 1)
    if stated is not None and stated != channels:
        problem = f"shape {shape} means {channels} channels, and channels={stated!r}"
        raise _invalid(problem, "give (frames, channels)")
    if channels == 0:
        raise _invalid(f"shape {shape} means 0 channels", "give at least one channel")
    # One frame of two channels may be the last block of a stream: see `check_whole`.
    if stated is None and 0 < frames < channels and shape != (1, 2):
        raise _channels_first(shape)


def _channels_first(shape: tuple[int, ...]) -> AudioError:
    frames, channels = shape
    return _invalid(
        f"shape {shape} means {channels} channels of {frames} frame{'s' * (frames != 1)}",
        "transpose channels-first samples: Audio(samples.T, rate); for a block with fewer frames "
        f"than channels: Audio(samples, rate, channels={channels})",
    )


def _checked_rate(rate: Any) -> int:
    is_number = isinstance(rate, int | float | np.integer | np.floating)
    is_integer = isinstance(rate, int | np.integer) or (is_number and float(rate).is_integer())
    if is_integer and not isinstance(rate, bool) and rate >= 1:
        return int(rate)
    shown = repr(rate) if is_number or isinstance(rate, str) else f"a {type(rate).__name__}"
    problem = f"rate must be an integer >= 1, in Hz. Got {shown}"
    from netencoders_audio.mistakes import rate_line  # late, as above

    raise _invalid(problem, f"give the sample rate: {rate_line(rate)}")


def _invalid(message: str, remedy: str) -> AudioError:
    return AudioError(message, code="invalid-audio", source="Audio", remedy=remedy)
