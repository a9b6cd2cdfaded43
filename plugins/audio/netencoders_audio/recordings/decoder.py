"""Decoder: a thin handle over libsndfile, which reads a descriptor.

soundfile's own class passes Python functions to libsndfile if the input is not a file. An exception
in such a function is printed and lost, and libsndfile takes it for the end of the file. Its class
also closes a file twice if a signal handler raises an exception in ``close``. Therefore this
module calls libsndfile itself, through the names ``_ffi`` and ``_snd`` of soundfile.
"""

from __future__ import annotations

import os
from functools import cache
from types import TracebackType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.content import Content, OpenFile
from netencoders_audio.files.descriptors import BY_DESCRIPTOR, Descriptor

__all__ = ["LOST_SYNC", "UNRECOGNIZED", "Decoder", "DecoderError", "error_text"]

UNRECOGNIZED: Final = 1
"""libsndfile's error code for an unknown format."""

LOST_SYNC: Final = 158
"""libsndfile's error code for a FLAC frame that is damaged or incomplete."""

READ_ONLY: Final = 0x10


class DecoderError(Exception):
    """libsndfile cannot open a file.

    Attributes
    ----------
    code : int
        libsndfile's error code.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(error_text(code))


class Decoder:
    """An open file of libsndfile, and the file that it reads.

    To close it means to drop its references. A thread that is still inside `read` has its own
    references, and the last one frees the file. So any thread may close it at any time, and a
    second `close` does nothing.

    Parameters
    ----------
    content : Content
        An `OpenFile` is read by its descriptor, any other content by functions in Python.

    Attributes
    ----------
    rate, channels, frames : int
        As libsndfile states them.
    container, coding : str
        soundfile's names of the format and the subtype.

    Raises
    ------
    DecoderError
        libsndfile cannot open the file.
    Exception
        The content raises it.
    """

    def __init__(self, content: Content) -> None:
        library = self._library = _library()
        snd, ffi = library.snd, library.ffi
        info = ffi.new("SF_INFO *")
        self._sound: Any = None
        self._file: Descriptor | None = None
        self._virtual: _Virtual | None = None
        if BY_DESCRIPTOR and isinstance(content, OpenFile):
            content.rewind()
            self._file = content.descriptor
            opened = snd.sf_open_fd(self._file, READ_ONLY, info, 0)
        else:
            self._virtual = _Virtual(content, ffi)
            opened = snd.sf_open_virtual(self._virtual.table, READ_ONLY, info, ffi.NULL)
        if opened != ffi.NULL:
            self._sound = ffi.gc(opened, snd.sf_close)
        if self._virtual is not None:
            self._virtual.reader.check()
        if self._sound is None:
            self.close()  # the traceback of the error must not keep the file open
            raise DecoderError(snd.sf_error(ffi.NULL))
        self.rate = int(info.samplerate)
        self.channels = int(info.channels)
        self.frames = int(info.frames)
        self.container = library.names.get(info.format & 0x0FFF0000, "unknown")
        self.coding = library.names.get(info.format & 0xFFFF, "unknown")

    def read(self, buffer: npt.NDArray[Any]) -> tuple[int, int]:
        """Decode frames into a buffer.

        Parameters
        ----------
        buffer : ndarray of int16 or float32, shape (frames, channels)

        Returns
        -------
        count : int
            The number of frames that were decoded before the end or the error.
        code : int
            libsndfile's error code; 0 if there is no error.
        """
        library, sound, _file, virtual = self._held()
        if buffer.dtype == np.int16:
            target = library.ffi.from_buffer("short[]", buffer)
            count = library.snd.sf_readf_short(sound, target, len(buffer))
        else:
            target = library.ffi.from_buffer("float[]", buffer)
            count = library.snd.sf_readf_float(sound, target, len(buffer))
        code = library.snd.sf_error(sound)
        if virtual is not None:
            virtual.reader.check()
        return int(count), int(code)

    def seek(self, frame: int) -> bool:
        """Move to a frame; return whether libsndfile did."""
        library, sound, _file, virtual = self._held()
        place = library.snd.sf_seek(sound, frame, os.SEEK_SET)
        if virtual is not None:
            virtual.reader.check()
        return bool(place == frame)

    def close(self) -> None:
        """Drop the references to libsndfile's handle and to the file."""
        self._sound = None
        self._file = None
        self._virtual = None

    def _held(self) -> tuple[_Library, Any, Descriptor | None, _Virtual | None]:
        """Return everything that libsndfile uses. The caller's references keep it alive."""
        sound = self._sound
        if sound is None:
            raise ValueError("the decoder is closed")
        return self._library, sound, self._file, self._virtual


class _Library(NamedTuple):
    """libsndfile, cffi's functions, and the names of formats and subtypes by their numbers."""

    snd: Any
    ffi: Any
    names: dict[int, str]


@cache
def _library() -> _Library:
    import soundfile  # late: `netencoders list` needs no decoder

    kinds = {**soundfile._formats, **soundfile._subtypes}
    names = {number: name for name, number in kinds.items()}
    return _Library(soundfile._snd, soundfile._ffi, names)


def error_text(code: int) -> str:
    """Return libsndfile's sentence for an error code, without its full stop."""
    library = _library()
    text: bytes = library.ffi.string(library.snd.sf_error_number(code))
    return text.decode("utf-8", "replace").rstrip(".")


class _Virtual:
    """libsndfile's table of functions for a content that has no descriptor.

    Attributes
    ----------
    reader : _Reader
        Its methods are the functions. It has no reference to the table: the last reference to the
        table frees it at once.
    table : cdata
    """

    def __init__(self, content: Content, ffi: Any) -> None:
        reader = self.reader = _Reader(content, ffi)
        self._functions = {
            name: ffi.callback(f"sf_vio_{name}", function, error=0, onerror=reader.keep)
            for name, function in (
                ("get_filelen", reader.size),
                ("seek", reader.seek),
                ("read", reader.read),
                ("tell", reader.tell),
            )
        }
        self.table = ffi.new("SF_VIRTUAL_IO *", self._functions)


class _Reader:
    """Reads a content for libsndfile.

    cffi passes an exception of a method to `keep`, and `check` raises the first one after
    libsndfile has returned. Until then each read is at the end.
    """

    def __init__(self, content: Content, ffi: Any) -> None:
        self._content = content
        self._here = 0
        self._ffi = ffi
        self._problem: BaseException | None = None

    def check(self) -> None:
        """Raise the exception of a method, once."""
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem

    def keep(self, kind: type[BaseException], problem: object, trace: TracebackType | None) -> None:
        """Keep an exception of a method; cffi may pass its argument instead of the exception."""
        if not isinstance(problem, BaseException):
            problem = kind() if problem is None else kind(problem)
        self._problem = self._problem or problem.with_traceback(trace)

    def size(self, data: object) -> int:
        """Return the number of bytes."""
        return self._content.size

    def seek(self, offset: int, whence: int, data: object) -> int:
        """Move to a byte; a position before the first byte is ignored."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._here, os.SEEK_END: self._content.size}[whence]
        if base + offset >= 0:
            self._here = base + offset
        return self._here

    def read(self, target: object, count: int, data: object) -> int:
        """Write the next bytes to the memory at `target`, and return their number."""
        if self._problem is not None:
            return 0
        piece = self._content.read_at(self._here, count)
        self._ffi.memmove(target, piece, len(piece))
        self._here += len(piece)
        return len(piece)

    def tell(self, data: object) -> int:
        """Return the position of the next byte."""
        return self._here
