"""AudioPartitions: the partitions (frames) of a recording, without window or transform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Parameter
from netencoders_audio.encoders.constraints import length_problems, waveform_problems
from netencoders_audio.encoders.parameters import CONDITION, PARTITIONS, WAVEFORM
from netencoders_audio.encoders.rows import RowEncoder
from netencoders_audio.encoders.value_types import padding_type
from netencoders_audio.stages.condition import condition

__all__ = ["RAW_PARTITIONS", "AudioPartitions"]

Rows = npt.NDArray[np.float32]

_SHARED = {parameter.name: parameter for parameter in (*PARTITIONS, *CONDITION)}

RAW_PARTITIONS = (
    _SHARED["WindowSize"],
    _SHARED["Offset"],
    # There is no transform, on which the placement of the window depends.
    replace(_SHARED["PartitionPadding"], type=padding_type(placed=False)),
    _SHARED["RemoveMean"],
    _SHARED["PreEmphasis"],
)
"""The parameters of partitions (frames) without window and transform (A47): WindowSize, Offset,
PartitionPadding, RemoveMean and PreEmphasis."""


class AudioPartitions(RowEncoder):
    """Partitions: the samples of each frame of a recording, without window or transform.

    Nets that take raw frames, such as CREPE, need them. The recording is mixed down to one channel
    (A8), resampled (A9), cut or padded to TargetLength (A3), normalized (A4), padded and cut into
    partitions, which are frames (A5). Offset is the hop. Element (i, t) is ::

        x[i * Offset + t]

    where x is the signal with its padding, and t = 0 ... WindowSize - 1. RemoveMean and PreEmphasis
    change each partition separately (A20). There is no window, so a partition is the same as in the
    AudioSpectrogram with the same parameters before its window (A47).

    Output: float32, shape (n, WindowSize), frames first. Full scale is 1 (A23).

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter: lengths in samples, frequencies in Hz.

    References
    ----------
    Rules A1 to A5, A8 to A11, A20 and A47 in docs/decisions.md.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> encoder = NetEncoder("AudioPartitions", WindowSize=3, Offset=2)
    >>> encoder(Audio([0.0, 0.25, 0.5, 0.75], 16000))
    array([[0.  , 0.25, 0.5 ],
           [0.5 , 0.75, 0.  ]], dtype=float32)
    """

    name = "AudioPartitions"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *WAVEFORM,
        *RAW_PARTITIONS,
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self.row = (resolved["WindowSize"],)

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> Sequence[str]:
        """Return one sentence for each length that does not fit."""
        return waveform_problems(resolved) or length_problems(resolved)

    def output(self) -> ArraySpec:
        """Return (n, WindowSize); see `RowEncoder.rows_spec`."""
        return self.rows_spec(Axis("sample"), quantity="amplitude")

    def encode(self, value: Any) -> Rows:
        """Return the partitions of one recording; a long recording uses worker threads."""
        with self.opened(value) as recording:
            return self.collect_rows(recording, self.row, self._write)

    def stream(self, value: Any) -> Iterator[Rows]:
        """Yield the partitions of one recording in blocks, in constant memory."""
        with self.opened(value) as recording:
            yield from self.row_blocks(recording, self.row, self._write)

    def _write(self, partitions: Rows, out: Rows) -> None:
        condition(partitions, self.resolved["RemoveMean"], self.resolved["PreEmphasis"], out)
