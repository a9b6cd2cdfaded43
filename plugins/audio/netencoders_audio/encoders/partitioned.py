"""PartitionedEncoder: one row from the Fourier transform of each partition (frame), in groups."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final, Self, TypeVar

import numpy as np
import numpy.typing as npt

from netencoders import PluginError
from netencoders.kernel import KernelError
from netencoders.windows import window_samples
from netencoders_audio.encoders.compute import (
    Compute,
    compute_rows,
    direct_form,
    is_row_stable,
)
from netencoders_audio.encoders.constraints import partition_problems, waveform_problems
from netencoders_audio.encoders.parameters import SPECTRAL
from netencoders_audio.encoders.rows import RowEncoder
from netencoders_audio.execution.scratch import keep_freed_memory, scratch
from netencoders_audio.kernel import kernel_path, kernel_text
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.condition import condition
from netencoders_audio.stages.fourier import (
    PRECISIONS,
    fourier,
    prepare_fourier,
    repeated_window,
    scaled_window,
    window_place,
)
from netencoders_audio.stages.partition import sounding
from netencoders_audio.stages.transform import FrameTransform, frame_transform

__all__ = ["PartitionedEncoder"]

Rows = npt.NDArray[np.float32]
AnyReal = TypeVar("AnyReal", np.float32, np.float64)

# Samples that are transformed at once in float64: the block and its spectrum stay in the cache.
DOUBLE_BLOCK: Final = 1 << 15


class PartitionedEncoder(RowEncoder):
    """An audio encoder that computes one row from the Fourier transform of each partition (frame).

    A subclass lists `SPECTRAL` among its parameters, sets `row` on the class or in its constructor,
    and implements `compute` and `output`. Offset is the hop between partitions.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    Attributes
    ----------
    row : tuple of int
        The shape of a row.
    window : ndarray of float32 or float64, shape (WindowSize,)
        The window, scaled as declared. TransformPrecision determines the type.
    place : slice
        The position of the window in a partition, and in the transformed row (A25).
    group : int
        The number of partitions that are transformed at once, a multiple of 24 or less than 24. The
        last group is smaller, and a short recording is one group of up to twice this number.

    Raises
    ------
    PluginError
        A subclass that has a name does not declare all parameters of `SPECTRAL`.

    References
    ----------
    Rules A1 to A11, A20, A21, A25, A26 and A62 in docs/decisions.md.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import Axis
    >>> from netencoders_audio import SPECTRAL, PartitionedEncoder
    >>> class AudioPeakPower(PartitionedEncoder):
    ...     name = "AudioPeakPower"
    ...     parameters = SPECTRAL
    ...     row = (1,)
    ...
    ...     def output(self):
    ...         return self.rows_spec(Axis("feature"), quantity="power")
    ...
    ...     def compute(self, spectrum, spare, out):
    ...         np.max(np.abs(spectrum) ** 2, axis=1, keepdims=True, out=out)
    """

    window: npt.NDArray[Any]  # of the type for TransformPrecision

    def __init_subclass__(cls, **kwargs: Any) -> None:
        declared = {getattr(parameter, "name", None) for parameter in cls.parameters}
        missing = [parameter.name for parameter in SPECTRAL if parameter.name not in declared]
        if hasattr(cls, "name") and missing:
            raise PluginError(
                "a PartitionedEncoder declares all parameters of SPECTRAL: "
                f"{', '.join(missing)} must be among its parameters",
                plugin=f"encoder {cls.name}",
            )
        # Afterwards: it would name only a parameter that depends on a missing one.
        super().__init_subclass__(**kwargs)

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.window = scaled_window(
            window_samples(resolved["WindowFunction"], resolved["WindowSize"]),
            resolved["WindowScaling"],
        ).astype(PRECISIONS[resolved["TransformPrecision"]])
        self.place = window_place(
            resolved["WindowSize"], resolved["FFTLength"], resolved["WindowPlacement"]
        )
        self._condition = resolved["RemoveMean"], resolved["PreEmphasis"]

    @cached_property
    def _windows(self) -> npt.NDArray[Any]:
        """The window for `fourier`, computed at first use: a subclass may set `window`."""
        return repeated_window(self.window, self._length, self.place)

    @cached_property
    def _transform(self) -> FrameTransform | None:
        """The compiled kernel for this window, or None if numpy and scipy are used (A70)."""
        return frame_transform(self.window, self.place, self._length, *self._condition)

    @abstractmethod
    def compute(
        self,
        spectrum: npt.NDArray[np.complex64],
        spare: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32],
    ) -> None:
        """Write one row per partition to `out`.

        It gets groups of 24 partitions, or fewer if partitions are very long; the last group may be
        smaller. The groups are the same in a call, in a stream and in any thread, so that any
        function of numpy gives the same bits. If `compute` has the mark `row_stable`, it gets
        hundreds of partitions at once.

        Parameters
        ----------
        spectrum : ndarray of complex64, shape (k, FFTLength // 2 + 1)
            The result of `fourier`; may be overwritten.
        spare : ndarray of float32, shape (k, FFTLength)
            Memory that may be overwritten.
        out : ndarray of float32, shape ``(k, *row)``
        """

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each problem of FFTLength, TargetLength and the window."""
        problems = waveform_problems(resolved)
        return problems or partition_problems(resolved)

    def prepare(self) -> None:
        """Import the decoder, the resampler and the Fourier transform."""
        super().prepare()
        if self._transform is None:
            prepare_fourier()

    def engine(self) -> str:
        """Return the compiled kernel that this encoder uses, or the reason why it uses none."""
        try:
            text = kernel_text()
            if kernel_path() == "off" or self._transform is not None:
                return text
        except KernelError as problem:
            return f"none: {problem}"
        if self.window.dtype == np.float64:
            return "numpy and scipy, for TransformPrecision 'Double'"
        return f"numpy and scipy, for FFTLength {self._length}"

    def encode(self, value: Any) -> Rows:
        """Return the rows of one recording; a long recording uses worker threads."""
        with self.opened(value) as recording:
            return self.collect(recording, self.row, self.for_recording(recording).compute)

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the rows of one recording in blocks, in constant memory."""
        with self.opened(value) as recording:
            yield from self.blocks(recording, self.row, self.for_recording(recording).compute)

    def for_recording(self, recording: Recording) -> Self:
        """Return the encoder that has the method `compute` for one recording.

        By default this encoder. An encoder with mel filters returns a copy with other filters, if
        the augmentation of the recording changes them.

        Parameters
        ----------
        recording : Recording
            The result of `opened`.
        """
        return self

    def collect(self, recording: Recording, row: tuple[int, ...], compute: Compute) -> Rows:
        """Return the results of `compute` for an open recording.

        Parameters
        ----------
        recording : Recording
        row : tuple of int
            The shape of a row.
        compute : callable
            A function like the method `compute`.

        Returns
        -------
        ndarray of float32, shape ``(partitions, *row)``

        Raises
        ------
        AudioError
            The recording cannot be decoded, or has no whole partition.
        """
        return self.collect_rows(recording, row, partial(self._compute, compute))

    def blocks(
        self, recording: Recording, row: tuple[int, ...], compute: Compute
    ) -> Iterator[Rows]:
        """Yield the results of `compute` for an open recording, group by group.

        Parameters
        ----------
        recording, row, compute
            The same as for `collect`.

        Yields
        ------
        ndarray of float32, shape ``(k, *row)``

        Raises
        ------
        AudioError
            The recording cannot be decoded, or has no whole partition.
        """
        stable = is_row_stable(compute)
        return self.row_blocks(recording, row, partial(self._compute, compute), stable=stable)

    def _compute(self, compute: Compute, partitions: Rows, out: Rows) -> None:
        # Of equal rows, one is computed: zeros up to a TargetLength, or a silent end.
        count = sounding(partitions) + 1 if is_row_stable(compute) else len(partitions)
        if count < len(partitions):
            out[count:] = self._compute_rows(compute, partitions[:count], out[:count])[-1]
        else:
            self._compute_rows(compute, partitions, out)

    def _compute_rows(self, compute: Compute, partitions: Rows, out: Rows) -> Rows:
        transform = self._transform
        if transform is not None:
            keep_freed_memory()
            direct = direct_form(compute)
            if direct is not None:
                direct(transform, partitions, out)
                return out
            spectrum = transform.spectrum(partitions)
            spare = scratch(len(partitions), self._length)
            compute_rows(compute, spectrum, spare, out, self._step)
            return out
        rows = scratch(len(partitions), self._length)
        if self.window.dtype == np.float64:
            spectrum = self._double(partitions)
        else:
            spectrum = fourier(self._conditioned(partitions, rows), self._windows)
        compute_rows(compute, spectrum, rows, out, self._step)
        return out

    def _conditioned(self, partitions: Rows, rows: npt.NDArray[AnyReal]) -> npt.NDArray[AnyReal]:
        place = self.place
        if place.stop - place.start < self._length:
            rows[:, : place.start] = 0
            rows[:, place.stop :] = 0
        condition(partitions[:, place], *self._condition, rows[:, place])
        return rows

    def _double(self, partitions: Rows) -> npt.NDArray[np.complex64]:
        """Return the transform, computed in float64 in blocks, each part rounded to float32 (A62).

        The rounding is relative to each bin, so it keeps the bins that are far below the loudest.
        """
        count = len(partitions)
        spectrum = np.empty((count, self._length // 2 + 1), np.complex64)
        step = max(1, DOUBLE_BLOCK // self._length)
        block = np.empty((min(step, count), self._length))
        for start in range(0, count, step):
            part = partitions[start : start + step]
            rows = self._conditioned(part, block[: len(part)])
            spectrum[start : start + step] = fourier(rows, self._windows)
        return spectrum
