"""MelEncoder: the base of the encoders with mel filters, which VTLP moves for one recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.recordings.recording import Recording
from netencoders_audio.stages.mel import mel_filters, mel_problems
from netencoders_audio.stages.mel_bands import MelBands

__all__ = ["MelEncoder", "filter_problems", "mel_bands"]

KEPT: Final = 8
"""The number of warped filters that an encoder keeps."""


class MelEncoder(PartitionedEncoder):
    """An encoder with mel filters.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter, which include `POWER` and `MEL`.
    """

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._mel = mel_bands(resolved)
        self._copies: dict[float, Self] = {}

    def for_recording(self, recording: Recording) -> Self:
        """Return this encoder, or a copy with the filters of a number of VTLP (A149)."""
        drawn = recording.augmentation
        if drawn is None or drawn.warp is None or drawn.warp == 1:
            return self
        found = self._copies.get(drawn.warp)
        if found is None:
            found = self._with_warp(drawn.warp)
            for oldest in list(self._copies)[: 1 - KEPT]:  # several threads may do so at once
                self._copies.pop(oldest, None)
            self._copies[drawn.warp] = found
        return found

    def _with_warp(self, warp: float) -> Self:
        self._windows, self._transform  # noqa: B018 - computed once, for all copies
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._mel = mel_bands(self.resolved, warp)
        copy._copies = {}  # no cycle: the memory is freed with the encoder
        return copy


def mel_bands(resolved: Mapping[str, Any], warp: float = 1.0) -> MelBands:
    """Return the mel bands for resolved parameters, which include `POWER` and `MEL`.

    `warp` is a number of VTLP; 1 changes nothing.
    """
    filters = mel_filters(
        *_filter_arguments(resolved),
        normalization=resolved["FilterNormalization"],
        shape=resolved["FilterShape"],
        warp=warp,
    )
    return MelBands(filters, resolved["Power"], resolved["PowerOffset"])


def filter_problems(resolved: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each reason why the filters cannot be used."""
    return mel_problems(
        *_filter_arguments(resolved),
        shape=resolved["FilterShape"],
        empty=resolved["EmptyFilters"],
    )


def _filter_arguments(resolved: Mapping[str, Any]) -> tuple[int, int, int, float, float, str, str]:
    """Return the positional arguments of `mel_filters`."""
    return (
        resolved["NumberOfFilters"],
        resolved["FFTLength"],
        resolved["SampleRate"],
        resolved["MinimumFrequency"],
        resolved["MaximumFrequency"],
        resolved["MelScale"],
        resolved["FilterSlopes"],
    )
