"""Length: the first n samples at the encoder's rate, zero-padded at the end (A3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["fit_length"]

ZEROS = np.zeros(1 << 16, np.float32)
ZEROS.flags.writeable = False


def fit_length(
    blocks: Iterable[npt.NDArray[np.float32]], length: int | None, message: str = "no samples"
) -> Iterator[npt.NDArray[np.float32]]:
    """Cut a signal to a length, or pad it with zeros; read no more blocks than needed.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
    length : int or None
        In samples. None keeps the signal as it is.
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
    while length is not None and kept < length:
        piece = ZEROS[: length - kept]
        kept += len(piece)
        yield piece
