"""Inverse: computes samples from the output of AudioSTFT (A24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import NetEncoder
from netencoders_audio.encoders.constraints import extent, fixed_length
from netencoders_audio.encoders.stft import AudioSTFT
from netencoders_audio.errors import ReconstructionError
from netencoders_audio.stages.padding import (
    padding_before,
    padding_text,
    partitioned_lengths,
)

__all__ = ["reconstruct"]

# A sample is lost if the squared windows add up to less than this share of the window's largest
# square. Errors are divided by the root of the share, so they grow up to a hundredfold.
MIN_RELATIVE_OVERLAP: Final = 1e-4
# The largest number of partitions at a time: several arrays of this size are in memory.
MAX_GROUP: Final = 256


def reconstruct(
    stft: npt.NDArray[np.float32], encoder: NetEncoder, length: int | None = None
) -> npt.NDArray[np.float32]:
    """Return the samples whose AudioSTFT is equal or nearest to an array.

    With y[i, t] for the inverse Fourier transform of row i (frame i), w for the window and H for
    the Offset (hop), sample s of the partitioned signal is ::

        sum over i of w[s - i H] * y[i, s - i H]  /  sum over i of w[s - i H] ** 2

    This is overlap-add with the canonical dual window. The output of AudioSTFT gives the original
    samples, to the precision of float32. A changed array is rarely the transform of a
    signal. In this case the result is the signal whose transform has the least squared distance to
    the array.

    Parameters
    ----------
    stft : ndarray of float32, shape (n, FFTLength, 2)
        Real and imaginary parts, in the form ``encoder.output``. Apply a change, such as a mask, to
        both halves of the spectrum: bins b and FFTLength - b count equally.
    encoder : NetEncoder
        The encoder of the array: AudioSTFT, or a spec derived from it.
    length : int, optional
        The number of samples of the recording at SampleRate. The default is TargetLength. If
        TargetLength is All, it is the length of the longest recording with n partitions, up to the
        end of the last partition. No sample is lost, and up to Offset - 1 samples at the end are
        padding.

    Returns
    -------
    ndarray of float32, shape (length,)
        Mono, at SampleRate, and as encoded: Normalization, SignalPreEmphasis and Augmentation are
        not undone. Sample 0 is the first sample of the recording, without the padding before it.

        A sample is 0 if no partition contains it with at least a hundredth of the window's height.
        With PartitionPadding "Right" (Automatic) and None these are the first few samples, where
        the window rises from zero: 13 with the defaults, and those before the window if
        WindowPlacement is "Center". With None, these are also the last few samples, and those
        after the last partition. With "Center" and "CenterReflect", only an Offset of about half
        the window or more gives such samples, at the end. With [left, right, mode], these are
        the samples before the first partition and after the last one.

    Raises
    ------
    ReconstructionError
        `problems` lists all reasons. The encoder is not AudioSTFT. Its window and Offset lose
        samples periodically, because the squared windows add up to less than 1e-4 of the window's
        largest square. It has RemoveMean or PreEmphasis, which the dual window does not undo. The
        array does not have the form of the encoder's output, is not finite, or is too large. No
        recording of this length has n partitions.
    TypeError
        `encoder` is not a NetEncoder.

    Notes
    -----
    Rounding errors are some units of float32, relative to the loudest sample nearby. They are
    divided by the root of the sum of squared windows, so they are larger where it is small. The
    function needs memory for the array, the result and a few hundred partitions.

    References
    ----------
    D. W. Griffin and J. S. Lim, Signal estimation from modified short-time Fourier transform, IEEE
    Transactions on Acoustics, Speech, and Signal Processing 32 (1984). Rule A24 in
    docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio, reconstruct
    >>> encoder = NetEncoder("AudioSTFT", PartitionPadding="Center")
    >>> samples = np.sin(np.arange(16000, dtype=np.float32))
    >>> again = reconstruct(encoder(Audio(samples, 16000)), encoder, length=16000)
    >>> bool(np.abs(again - samples).max() < 1e-6)
    True
    """
    transform = _transform(encoder)
    problems = [*_lossy_parameters(transform), *_array_problems(stft, length, transform)]
    if problems:
        raise ReconstructionError("reconstruct", problems)
    if length is None:
        length = _default_length(len(stft), transform)
    samples = np.zeros(length, np.float32)
    place = _first_sample(transform)
    with np.errstate(over="ignore", invalid="ignore"):  # checked below
        for block in _overlapped(stft, transform):
            start, stop = max(place, 0), min(place + len(block), length)
            if start < stop:
                samples[start:stop] = block[start - place : stop - place]
            place += len(block)
    finite = np.isfinite(samples)
    if not finite.all():
        problem = (
            f"'stft' must be smaller: sample {finite.argmin()} would be beyond float32. Scale it "
            "down; the samples scale with it."
        )
        raise ReconstructionError("reconstruct", [problem])
    return samples


def _transform(encoder: object) -> AudioSTFT:
    if not isinstance(encoder, NetEncoder):
        kind = type(encoder).__name__
        raise TypeError(f"reconstruct takes the NetEncoder of the array. Got {kind}.")
    if encoder.name != AudioSTFT.name:
        problem = f"'encoder' must be AudioSTFT, or a spec derived from it. Got {encoder.name}."
        raise ReconstructionError("reconstruct", [problem])
    return AudioSTFT(encoder.resolved)


def _first_sample(transform: AudioSTFT) -> int:
    """Return the position of the first window in the recording; negative if before sample 0."""
    resolved = transform.resolved
    before = padding_before(resolved["PartitionPadding"])
    return int(transform.place.start) - before


def _overlapped(
    stft: npt.NDArray[np.float32], transform: AudioSTFT
) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the partitioned signal, with its padding on both sides, in blocks."""
    count, offset = len(stft), transform.resolved["Offset"]
    group = min(transform.group, MAX_GROUP)
    squares = _squared_window(transform)
    overlap = len(squares)  # the number of pieces of one Offset in a partition
    before = np.concatenate([np.zeros((1, offset)), squares.cumsum(axis=0)])
    min_weight = MIN_RELATIVE_OVERLAP * squares.max()
    sums = np.zeros((group + overlap - 1, offset))
    for start in range(0, count, group):
        partitions = _windowed(stft[start : start + group], start, transform)
        _add(partitions, sums)
        done = len(partitions)
        ready = done if start + done < count else done + overlap - 1
        # Piece p is in the partitions from p - overlap + 1 to p, if they exist.
        piece = np.arange(start, start + ready)
        weights = before[np.minimum(piece, overlap - 1) + 1]
        weights -= before[np.maximum(piece - count + 1, 0)]
        block = np.zeros((ready, offset))
        np.divide(sums[:ready], weights, out=block, where=weights >= min_weight)
        yield block.reshape(-1)
        sums[: overlap - 1] = sums[done : done + overlap - 1]
        sums[overlap - 1 :] = 0


def _windowed(
    stft: npt.NDArray[np.float32], first: int, transform: AudioSTFT
) -> npt.NDArray[np.float32]:
    """Return windowed inverse transforms, cut into pieces of one Offset."""
    from scipy import fft  # late: `netencoders list` needs no transform

    finite = np.isfinite(stft).all(axis=(1, 2))
    if not finite.all():
        row = first + int(finite.argmin())
        problem = f"'stft' must be finite. Row {row} holds NaN or infinite elements."
        raise ReconstructionError("reconstruct", [problem])
    both = np.ascontiguousarray(stft).view(np.complex64)[..., 0]
    bins = both.shape[1] // 2 + 1
    # The real part of the inverse is the inverse of the mean of bin b and its mirrored conjugate.
    half = both[:, :bins].copy()  # irfft ignores the imaginary part of bin 0
    half[:, 1:] += np.conjugate(both[:, :-bins:-1])
    half[:, 1:] *= np.float32(0.5)
    rows: npt.NDArray[np.float32] = fft.irfft(half, both.shape[1], axis=1)[:, transform.place]
    rows *= transform.window
    return _pieces(rows, transform.resolved["Offset"])


def _pieces(rows: npt.NDArray[Any], offset: int) -> npt.NDArray[Any]:
    """Cut rows into pieces of one Offset; the last piece is zero-padded."""
    count, size = rows.shape
    pieces = np.zeros((count, -(-size // offset), offset), rows.dtype)
    pieces.reshape(count, -1)[:, :size] = rows
    return pieces


def _add(partitions: npt.NDArray[np.float32], sums: npt.NDArray[np.float64]) -> None:
    """Add each partition to sums, one piece after the previous one; loop over the shorter axis."""
    count, overlap, _ = partitions.shape
    if overlap <= count:
        for piece in range(overlap):
            sums[piece : piece + count] += partitions[:, piece]
    else:
        for row in range(count):
            sums[row : row + overlap] += partitions[row]


def _squared_window(transform: AudioSTFT) -> npt.NDArray[np.float64]:
    """Return the squared window, one row for each piece of one Offset."""
    squares = np.square(transform.window, dtype=np.float64)[np.newaxis]
    pieces: npt.NDArray[np.float64] = _pieces(squares, transform.resolved["Offset"])[0]
    return pieces


def _lossy_parameters(transform: AudioSTFT) -> list[str]:
    """Return one sentence for each parameter that prevents reconstruction."""
    resolved, problems = transform.resolved, []
    if resolved["RemoveMean"]:
        problems.append(
            "'RemoveMean' must be False to reconstruct: the transform of a partition does not hold "
            "the removed mean. Encode with RemoveMean False."
        )
    if resolved["PreEmphasis"]:
        problems.append(
            "'PreEmphasis' must be 0 to reconstruct: the dual window undoes only the window. "
            f"Got {resolved['PreEmphasis']:g}. Encode with PreEmphasis 0."
        )
    size, offset = resolved["WindowSize"], resolved["Offset"]
    if offset > size:
        problems.append(
            f"'Offset' must be at most WindowSize, which is {size}, to reconstruct: the "
            f"samples between partitions are lost. Got {offset}. Use a smaller Offset."
        )
        return problems
    squares = _squared_window(transform)
    sums = squares.sum(axis=0)
    if not sums.min() > MIN_RELATIVE_OVERLAP * squares.max():
        problems.append(
            f"'Offset' {offset} is too large for this window of {size} samples to reconstruct: at "
            f"sample {sums.argmin()} of every {offset}, the squared windows add up to "
            f"{sums.min():.2g}, almost zero compared with the largest, {squares.max():.2g}. Use a "
            "smaller Offset, or another WindowFunction."
        )
    return problems


def _array_problems(stft: object, length: object, transform: AudioSTFT) -> list[str]:
    """Return one sentence for each problem of the array or of the length."""
    form = transform.output()
    if not form.matches(stft):
        got = type(stft).__name__
        if isinstance(stft, np.ndarray):
            got = f"{stft.dtype} and {stft.shape}"
        want = f"one array of type {form.dtype} and dimensions {form.dims}"
        return [f"'stft' must be {want}, the encoder's output. Got {got}."]
    lengths = _lengths(len(stft), transform)
    if not lengths:
        rule = f"PartitionPadding {padding_text(transform.resolved['PartitionPadding'])}"
        problem = f"No recording has {len(stft)} rows if the encoder has {rule}."
        return [f"'stft' must have all rows of a recording. {problem}"]
    is_count = isinstance(length, int | np.integer) and not isinstance(length, bool)
    if length is None or (is_count and length in lengths):
        return []
    allowed = f"from {lengths[0]} to {lengths[-1]}" if len(lengths) > 1 else str(lengths[0])
    rule = f"{allowed}, in samples at SampleRate, because the array has {len(stft)} rows"
    return [f"'length' must be {rule}. Got {length!r}."]


def _lengths(count: int, transform: AudioSTFT) -> range:
    """Return the possible lengths of a recording with `count` partitions."""
    resolved = transform.resolved
    length = fixed_length(resolved)
    if length is not None:
        return range(length, length + 1)
    return partitioned_lengths(
        count, extent(resolved), resolved["Offset"], resolved["PartitionPadding"]
    )


def _default_length(count: int, transform: AudioSTFT) -> int:
    resolved = transform.resolved
    lengths = _lengths(count, transform)
    reach = _first_sample(transform) + (count - 1) * resolved["Offset"] + resolved["WindowSize"]
    return int(max(lengths[0], min(lengths[-1], reach)))
