"""Readers: the decoders of tracks, which plugins register by container and coding (A89).

The pair alone determines the reader, so that a file is always read by the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy.typing as npt

from netencoders import PluginConflictError, PluginError, hookspec, registrations
from netencoders.claims import conflict_text, keeps_name
from netencoders.parameters import short
from netencoders.records import Provider
from netencoders_audio.files.tracks import Track

__all__ = ["AudioReader", "DecodedTrack", "find_reader", "register_audio_readers"]

HOOK: Final = "register_audio_readers"


class DecodedTrack(Protocol):
    """The samples of a track.

    Attributes
    ----------
    rate : int
        Sample rate in Hz.
    channels : int
    """

    rate: int
    channels: int

    def blocks(self) -> Iterator[npt.NDArray[Any]]:
        """Yield all samples, in blocks of shape (k, channels).

        They are float32 with full scale 1, or uint8, int16 or int32 whose range is the full scale.
        Each call begins at the first sample. A block is not overwritten later.
        """
        ...

    def close(self) -> None:
        """Drop the references to the decoder. A thread may still be inside of `blocks`."""
        ...


@dataclass(frozen=True)
class AudioReader:
    """A reader of one coding in one container.

    Parameters
    ----------
    container, coding : str
        Their names, such as ``"MP4"`` and ``"AAC"``; docs/reliability.md lists them.
    open : callable
        Takes a `Track` and returns a `DecodedTrack`. It raises an `AudioError` if it cannot.
    package : str, optional
        The package that decodes, for the list of readers.

    Raises
    ------
    PluginError
        A name is empty, or `open` is not callable.

    Examples
    --------
    >>> from netencoders_audio import AudioReader
    >>> AudioReader("TAK", "TAK", open=print).claim
    'TAK in TAK'
    """

    container: str
    coding: str
    open: Callable[[Track], DecodedTrack]
    package: str = ""

    def __post_init__(self) -> None:
        for name in ("container", "coding"):
            value = getattr(self, name)
            if not (isinstance(value, str) and value):
                raise PluginError(
                    f"the {name} of an AudioReader must be a name. Got {short(value)}."
                )
        if not callable(self.open):
            raise PluginError(
                f"the reader of {self.claim} must be a function of a Track. Got {short(self.open)}."
            )

    @property
    def claim(self) -> str:
        """The pair, which only one plugin may register."""
        return f"{self.coding} in {self.container}"


@hookspec
def register_audio_readers(register: Callable[[AudioReader], None]) -> None:
    """Call `register` with each `AudioReader` that the plugin provides."""


def find_reader(track: Track) -> tuple[Provider, AudioReader] | None:
    """Return the reader of a track with its plugin; None if no plugin registers one.

    Raises
    ------
    PluginConflictError
        Two plugins register it, and none of them is netencoders.
    PluginError
        A plugin registers another object than an `AudioReader`.
    """
    found = []
    for provider, reader in registrations(HOOK):
        if not isinstance(reader, AudioReader):
            raise PluginError(
                f"{HOOK} takes an AudioReader. Got {short(reader)}.", plugin=f"plugin {provider}"
            )
        if (reader.container, reader.coding) == (track.container, track.coding):
            found.append((provider, reader))
    providers = [provider for provider, _ in found]
    if len(found) > 1 and not keeps_name(providers):
        raise PluginConflictError(conflict_text(found[0][1].claim, providers, "audio reader"))
    return found[0] if found else None
