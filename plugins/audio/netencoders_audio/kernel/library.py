"""The compiled library: found and loaded at the first use, for the lanes of this processor."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from netencoders.kernel import Code, code

__all__ = ["Library", "kernel_path", "kernel_text", "library", "with_functions"]

FOLDER: Final = Path(__file__).parent
WITHOUT: Final = "off: numpy and scipy"


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
    mpeg_walk, flac_scan, flac_whole
        The functions of mpeg.h and of flac.h, which have no lanes.
    """

    path: str
    lanes: int
    frames: Any
    bands: Any
    filter: Any
    mpeg_walk: Any
    flac_scan: Any
    flac_whole: Any


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
    found = code(FOLDER)
    return None if found is None else with_functions(found)


def with_functions(found: Code) -> Library:
    """Return the functions of a loaded library."""
    lanes, compiled = found.lanes, found.compiled
    functions = []
    for name in ("frames", "bands", "filter"):
        function = compiled[f"netencoders_{name}_{lanes}"]
        pointer, number = ctypes.c_void_p, ctypes.c_ssize_t
        function.argtypes = (pointer, pointer, number, number, pointer, number, pointer)
        function.restype = None
        functions.append(function)
    state, data, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ssize_t
    for name, arguments in (
        ("mpeg_walk", (state, data, number, number)),
        ("flac_scan", (state, data, number, number, number)),
        ("flac_whole", (data, number)),
    ):
        function = compiled[f"netencoders_{name}"]
        function.argtypes = arguments
        function.restype = ctypes.c_ssize_t
        functions.append(function)
    return Library(found.path, lanes, *functions)
