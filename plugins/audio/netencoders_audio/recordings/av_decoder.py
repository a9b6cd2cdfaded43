"""The decoder of PyAV (extra ``av``): FFmpeg's decoders, without its readers of containers (A90).

FFmpeg gets single packets, which `files` finds. So it opens no file and follows no link, no Python
code runs inside of it, and an exception of a signal handler is raised between two packets. One
thread decodes, so the samples do not depend on the number of processors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import numpy.typing as npt

from netencoders.origins import is_of_signal_handler
from netencoders_audio.files.findings import malformed, unsupported
from netencoders_audio.files.tracks import Track

__all__ = ["DECODERS", "AvTrack"]

DECODERS: Final[Mapping[str, str]] = {
    "AAC": "aac", "ALAC": "alac", "OPUS": "opus", "VORBIS": "vorbis", "FLAC": "flac",
    "MPEG_LAYER_III": "mp3float", "MP2": "mp2float", "AC3": "ac3", "EAC3": "eac3",
    "DTS": "dca", "WAVPACK": "wavpack", "TTA": "tta", "APE": "ape", "AMR_NB": "amrnb",
    "AMR_WB": "amrwb", "SPEEX": "speex", "WMAV1": "wmav1", "WMAV2": "wmav2", "WMAPRO": "wmapro",
    "WMALOSSLESS": "wmalossless", "G722": "g722", "GSM": "gsm_ms",
    "PCM_U8": "pcm_u8", "PCM_S8": "pcm_s8", "PCM_16": "pcm_s16le",
    "PCM_16_BE": "pcm_s16be", "PCM_24": "pcm_s24le",
    "PCM_24_BE": "pcm_s24be", "PCM_32": "pcm_s32le", "PCM_32_BE": "pcm_s32be",
    "FLOAT": "pcm_f32le", "FLOAT_BE": "pcm_f32be", "DOUBLE": "pcm_f64le", "DOUBLE_BE": "pcm_f64be",
    "ULAW": "pcm_mulaw", "ALAW": "pcm_alaw", "MS_ADPCM": "adpcm_ms",
}  # fmt: skip
"""FFmpeg's decoder of each coding. It does not depend on the other decoders of an installation."""

# Decoders that give no frame for some packets: they join packets, or begin with a delay.
_SILENT: Final = frozenset({"VORBIS", "WMAV1", "WMAV2", "WMAPRO", "WMALOSSLESS"})
_SETTINGS: Final = {"block_align": "block_align", "bit_rate": "b", "bits": "bits_per_coded_sample"}
_MAX_SAMPLES: Final = 1 << 21
# PyAV counts the planes of a frame up to a null pointer, which follows fewer than 8 of them only.
# A frame of more planes is copied to one plane, with the same numbers.
_MANY: Final = 8
_BAND_REPLICATION: Final = "HE-AAC"
_LATE: Final = 481 / 1024  # of a frame: the filters of spectral band replication
_INSTALL: Final = 'pip install "netencoders[av]"'
_SKIP_MANUAL: Final = 1 << 29  # AV_CODEC_FLAG2_SKIP_MANUAL


class AvTrack:
    """A track that FFmpeg decodes; see `DecodedTrack`.

    Parameters
    ----------
    track : Track

    Raises
    ------
    AudioError
        With code ``unsupported-coding``: PyAV is not installed, or lacks the decoder;
        ``malformed``: the first packets cannot be decoded.

    Attributes
    ----------
    late : int
        The frames by which the decoder is later than the container states. The decoder of HE-AAC
        has filters whose delay no container counts.
    """

    late = 0

    def __init__(self, track: Track) -> None:
        self._track = track
        self._av = _library(track.coding, track.container)
        self.rate, self.channels = track.rate, track.channels
        self._profile = ""
        first = next(self._frames(), None)
        if first is not None:
            if self._profile.startswith(_BAND_REPLICATION):
                self.late = round(first.samples * _LATE)
            self.rate, self.channels = first.sample_rate, first.layout.nb_channels

    def blocks(self) -> Iterator[npt.NDArray[Any]]:
        """Yield the samples of each frame; see `DecodedTrack`."""
        form = (self.rate, self.channels)
        packed = None
        for frame in self._frames():
            found = (frame.sample_rate, frame.layout.nb_channels)
            if found != form:
                raise malformed(
                    f"its form changes from {form[1]} channels at {form[0]} Hz to {found[1]} "
                    f"channels at {found[0]} Hz"
                )
            if not frame.format.is_planar:
                yield frame.to_ndarray().reshape(-1, self.channels)
            elif self.channels < _MANY:
                yield frame.to_ndarray().T
            else:
                packed = packed or self._av.AudioResampler(frame.format.packed, frame.layout)
                for part in packed.resample(frame):
                    yield part.to_ndarray().reshape(-1, self.channels)

    def close(self) -> None:
        """Do nothing: an iterator of `blocks` has the only reference to its decoder."""

    def _frames(self) -> Iterator[Any]:
        """Yield the frames of all packets."""
        av, track = self._av, self._track
        assert track.packets is not None  # noqa: S101 - for mypy: the core knows these containers
        context = self._context()
        may_be_silent = track.coding in _SILENT
        for index, data in enumerate(track.packets()):
            packet = av.Packet(len(data))  # with the padding that decoders need
            packet.update(data)
            frames = self._decoded(context, packet, index)
            if not frames and not may_be_silent:
                raise malformed(f"packet {index} of the coding {track.coding} has no samples")
            self._profile = context.profile or ""
            yield from frames
        yield from self._decoded(context, None, -1)

    def _decoded(self, context: Any, packet: Any, index: int) -> list[Any]:
        try:
            frames: list[Any] = context.decode(packet)
        except self._av.error.EOFError:
            return []
        except (self._av.error.FFmpegError, MemoryError, ValueError) as problem:
            if is_of_signal_handler(problem):
                raise
            place = "its last packet" if packet is None else f"packet {index}"
            raise malformed(f"decoding fails in {place}: {_reason(problem)}") from None
        return frames

    def _context(self) -> Any:
        av, track = self._av, self._track
        context = av.CodecContext.create(DECODERS[track.coding], "r")
        options = {
            "threads": "1",
            "max_samples": str(_MAX_SAMPLES),
            "err_detect": "crccheck+bitstream+buffer+explode",
        }
        options |= {_SETTINGS[name]: str(value) for name, value in track.settings}
        if track.rate:
            options["ar"] = str(track.rate)
        if track.channels:
            options["ch_layout"] = f"{track.channels}c"
        context.options = options
        context.thread_count = 1
        # Without a stated delay, the decoder of Vorbis leaves out its first frame: no sound.
        if track.coding != "VORBIS" or track.skip:
            context.flags2 = _SKIP_MANUAL
        if track.config:
            context.extradata = track.config
        try:
            context.open()
        except (av.error.FFmpegError, MemoryError, ValueError) as problem:
            if is_of_signal_handler(problem):
                raise
            raise malformed(f"the decoder refuses its header: {_reason(problem)}") from None
        return context


@cache
def _imported() -> Any:
    import av  # late: an extra

    return av


def _library(coding: str, container: str) -> Any:
    try:
        av = _imported()
    except ImportError:
        raise unsupported(
            f"{coding} in {container}: PyAV decodes it, and is not installed", _INSTALL
        ) from None
    if DECODERS[coding] not in av.codecs_available:
        raise unsupported(f"{coding}, for which the installed PyAV has no decoder", _INSTALL)
    return av


def _reason(problem: Exception) -> str:
    text = getattr(problem, "strerror", None) or str(problem)
    return str(text).rstrip(".")
