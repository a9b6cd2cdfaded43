"""The compiled library: found and loaded at the first use, for the lanes of this processor."""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from netencoders_audio.errors import AudioError
from netencoders_audio.kernel.compile import library_name, sources_number

__all__ = ["KernelError", "Library", "kernel_path", "kernel_text", "library"]

VARIABLE: Final = "NETENCODERS_KERNEL"
VALUES: Final = ("off", "sse2", "avx2")
WITHOUT: Final = "off: numpy and scipy"


class KernelError(AudioError):
    """The environment variable NETENCODERS_KERNEL asks for a kernel that cannot be used.

    Its code is ``kernel``.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, code="kernel", remedy=remedy)


@dataclass(frozen=True)
class Library:
    """The functions of the library for one number of lanes.

    Parameters
    ----------
    path : {"sse2", "avx2", "neon"}
        The instructions.
    lanes : int
        The number of frames in a vector.
    frames, bands, filter
        The functions of frames.h and of convolution.h.
    """

    path: str
    lanes: int
    frames: Any
    bands: Any
    filter: Any


def kernel_path() -> str:
    """Return the kernel that this process uses: ``"avx2"``, ``"sse2"``, ``"neon"`` or ``"off"``.

    The environment variable ``NETENCODERS_KERNEL`` chooses it: ``off``, ``sse2`` or ``avx2``. It is
    read once. Without it the widest kernel is used that the processor supports, or none if the
    library was not compiled when the package was installed.

    Raises
    ------
    KernelError
        The variable has another value, or names a kernel that cannot be used here.
    """
    found = library()
    return "off" if found is None else found.path


def kernel_text() -> str:
    """Return one line for people: ``kernel avx2``, or ``kernel off: numpy and scipy``."""
    found = library()
    return f"kernel {WITHOUT if found is None else found.path}"


@cache
def library() -> Library | None:
    """Return the library, or None if numpy and scipy are used instead.

    Threads may load it at the same time: they get equal functions.

    Raises
    ------
    KernelError
        As for `kernel_path`.
    """
    wanted = os.environ.get(VARIABLE) or None
    if wanted is not None and wanted not in VALUES:
        raise KernelError(
            f"the environment variable {VARIABLE} must be one of {', '.join(VALUES)}; it is "
            f"{wanted!r}",
            "set one of them, or unset it, before the process starts",
        )
    if wanted == "off":
        return None
    return chosen(loaded(), wanted)


def chosen(compiled: ctypes.CDLL | None, wanted: str | None) -> Library | None:
    """Return the functions of a loaded library: the wanted ones, or the fastest.

    Raises
    ------
    KernelError
        The wanted ones do not exist.
    """
    if compiled is None:
        if wanted is None:
            return None
        raise KernelError(
            f"the environment variable {VARIABLE} is {wanted!r}, and this installation has no "
            "compiled kernel",
            "unset it; or install a C compiler, and then netencoders again",
        )
    narrow = "sse2" if platform.machine().lower() in ("x86_64", "amd64") else "neon"
    offered = {narrow: 4}
    if compiled.netencoders_lanes() == 8:
        offered["avx2"] = 8
    path = list(offered)[-1] if wanted is None else wanted
    if path not in offered:
        raise KernelError(
            f"the environment variable {VARIABLE} is {path!r}, and this processor supports "
            f"{' and '.join(offered)}",
            "set it to off, or to a supported one, or unset it",
        )
    lanes = offered[path]
    functions = []
    for name in ("frames", "bands", "filter"):
        function = compiled[f"netencoders_{name}_{lanes}"]
        pointer, number = ctypes.c_void_p, ctypes.c_ssize_t
        function.argtypes = (pointer, pointer, number, number, pointer, number, pointer)
        function.restype = None
        functions.append(function)
    return Library(path, lanes, *functions)


def loaded() -> ctypes.CDLL | None:
    """Return the library beside this file, or None if it is missing, or of other sources."""
    place = Path(__file__).with_name(library_name(platform.system()))
    try:
        compiled = ctypes.CDLL(str(place))
        sources = compiled.netencoders_sources
    except (OSError, AttributeError):  # missing, for another machine, or another file
        return None
    sources.restype = ctypes.c_uint32
    return compiled if sources() == sources_number() else None
