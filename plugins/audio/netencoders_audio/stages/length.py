"""Length: the first or the last samples at the encoder's rate, and zeros after it (A3, A44)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["cut", "cut_start", "extend", "refuse_longer", "zeros"]

ZEROS = np.zeros(1 << 16, np.float32)
ZEROS.flags.writeable = False


def cut(
    blocks: Iterable[npt.NDArray[np.float32]], length: int | None, message: str = "no samples"
) -> Iterator[npt.NDArray[np.float32]]:
    """Keep the first samples of a signal; read no more blocks than needed.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    length : int or None
        The largest number of samples. None keeps all.
    message : str
        The message of the error for a signal without samples.

    Yields
    ------
    ndarray of float32, shape (j,)

    Raises
    ------
    AudioError
        With code ``empty-audio``: the signal has no samples (A10).
    """
    kept = 0
    for block in blocks:
        piece = block if length is None else block[: length - kept]
        kept += len(piece)
        yield piece
        if kept == length:
            return
    if not kept:
        raise AudioError(
            message, code="empty-audio", remedy="remove it from the inputs, or record it again"
        )


def cut_start(
    blocks: Iterable[npt.NDArray[np.float32]], length: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Keep the last samples of a signal, which are held in memory until it ends.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    length : int
        The largest number of samples.

    Yields
    ------
    ndarray of float32, shape (j,)
    """
    held: deque[npt.NDArray[np.float32]] = deque()
    count = 0
    for block in blocks:
        held.append(block[-length:].copy())
        count += len(held[-1])
        while count - len(held[0]) >= length:
            count -= len(held.popleft())
    for block in held:
        yield block[max(0, count - length) :]
        count = min(count, length)


def refuse_longer(
    blocks: Iterable[npt.NDArray[np.float32]], length: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Pass a signal through, and refuse a sample after the last one that is allowed.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    length : int
        The largest number of samples.

    Yields
    ------
    ndarray of float32, shape (k,)

    Raises
    ------
    AudioError
        With code ``too-long``: the signal has more samples (A69).
    """
    count = 0
    for block in blocks:
        count += len(block)
        if count > length:
            raise AudioError(
                f"it has more than {length} samples, and TargetSide is None, which refuses audio "
                "that is longer than TargetLength or MaximumLength",
                code="too-long",
                remedy="cut it into parts, such as Audio.open(file, start, stop), or set "
                "TargetSide to Start or End, which keep one part",
            )
        yield block


def extend(
    blocks: Iterable[npt.NDArray[np.float32]], length: int | None
) -> Iterator[npt.NDArray[np.float32]]:
    """Add zeros after a signal, up to a length.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    length : int or None
        The number of samples of the result, at least that of the signal. None adds none.

    Returns
    -------
    iterator of ndarray of float32, shape (j,)
    """
    return iter(blocks) if length is None else _extended(blocks, length)


def _extended(
    blocks: Iterable[npt.NDArray[np.float32]], length: int
) -> Iterator[npt.NDArray[np.float32]]:
    kept = 0
    for block in blocks:
        kept += len(block)
        yield block
    yield from zeros(length - kept)


def zeros(count: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yield zeros in blocks; none if `count` is negative."""
    while count > 0:
        piece = ZEROS[:count]
        count -= len(piece)
        yield piece
