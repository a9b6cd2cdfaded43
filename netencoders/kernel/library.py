"""The choice of a compiled library: the environment variable, the processor, and the sources."""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netencoders.errors import EncodeError
from netencoders.kernel.compile import library_name, sources_number

__all__ = ["VARIABLE", "Code", "KernelError", "chosen", "code", "loaded"]

VARIABLE: Final = "NETENCODERS_KERNEL"
VALUES: Final = ("off", "sse2", "avx2")


class KernelError(EncodeError):
    """The environment variable NETENCODERS_KERNEL asks for a kernel that cannot be used.

    Its code is ``kernel``.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, code="kernel", remedy=remedy)


@dataclass(frozen=True)
class Code:
    """A compiled library, and the instructions to use.

    Parameters
    ----------
    path : {"sse2", "avx2", "neon"}
        The instructions.
    lanes : int
        The number of float32 in a vector; the names of functions end with it.
    compiled : ctypes.CDLL
    """

    path: str
    lanes: int
    compiled: ctypes.CDLL


def code(folder: Path) -> Code | None:
    """Return the library in a folder, or None if numpy is used instead.

    The environment variable ``NETENCODERS_KERNEL`` chooses the instructions: ``off``, ``sse2`` or
    ``avx2``. Without it the widest are used that the processor supports. Callers keep the result.

    Raises
    ------
    KernelError
        The variable has another value, or names a kernel that cannot be used here.
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
    return chosen(loaded(folder), wanted)


def chosen(compiled: ctypes.CDLL | None, wanted: str | None) -> Code | None:
    """Return a loaded library with the wanted instructions, or the widest.

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
    return Code(path, offered[path], compiled)


def loaded(folder: Path) -> ctypes.CDLL | None:
    """Return the library in a folder, or None if it is missing, or of other sources."""
    try:
        compiled = ctypes.CDLL(str(folder / library_name(platform.system())))
        sources = compiled.netencoders_sources
    except (OSError, AttributeError):  # missing, for another machine, or another file
        return None
    sources.restype = ctypes.c_uint32
    return compiled if sources() == sources_number(folder) else None
