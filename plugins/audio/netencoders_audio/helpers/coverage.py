"""Coverage: the samples of a recording that no partition (frame) of a transform gives a weight."""

from __future__ import annotations

import numpy as np

from netencoders import NetEncoder
from netencoders_audio.encoders.inverse import MIN_RELATIVE_OVERLAP
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.stages.padding import padding_before

__all__ = ["lost_samples"]


def lost_samples(encoder: NetEncoder, count: int, length: int) -> range:
    """Return the first run of samples that `reconstruct` sets to 0 at an edge (A24).

    Parameters
    ----------
    encoder : NetEncoder
        An AudioSTFT whose windows lose no samples in the middle, as `reconstruct` checks.
    count : int
        The number of partitions.
    length : int
        The number of samples of the recording.

    Returns
    -------
    range
        Empty if there are none.
    """
    transform = AudioSTFT(encoder.resolved)
    offset = encoder.resolved["Offset"]
    squares = np.square(transform.window, dtype=np.float64)
    size, least = len(squares), MIN_RELATIVE_OVERLAP * squares.max()
    first = transform.place.start - padding_before(encoder.resolved["PartitionPadding"])
    edge = min(size + offset, length)
    for start in sorted({0, length - edge}):
        weights = np.zeros(edge)
        # The partitions that begin before the end of the edge, and end after its start.
        begun = max(0, (start - first - size) // offset)
        ended = min(count, (start + edge - first) // offset + 1)
        for partition in range(begun, ended):
            place = first + partition * offset - start
            low, high = max(place, 0), min(place + size, edge)
            if low < high:
                weights[low:high] += squares[low - place : high - place]
        lost = np.flatnonzero(weights < least)
        if len(lost):
            jumps = np.flatnonzero(np.diff(lost) > 1)
            last = lost[jumps[0]] if len(jumps) else lost[-1]
            return range(start + int(lost[0]), start + int(last) + 1)
    return range(0)
