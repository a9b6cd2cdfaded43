"""Compile a kernel. This module imports nothing but the standard library: see hatch_build.py."""

from __future__ import annotations

import os
import platform
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = [
    "FLAGS",
    "SOURCE",
    "KernelCompileError",
    "compile_kernel",
    "compilers",
    "library_name",
    "main",
    "sources_number",
]

SOURCE: Final = "kernel.c"  # in the folder of a kernel
SHARED: Final = Path(__file__).parent  # the headers of all kernels
NAME: Final = "netencoders.kernel"  # with a dot: it is no module of Python
# No fused products: they would change the bits. The root needs no errno.
FLAGS: Final = (
    "-std=c11",
    "-O3",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fvisibility=hidden",
    "-shared",
    "-w",
)
# With the second scheduling of gcc and its default tuning, AVX2 takes a sixth more time (measured).
TUNING: Final = ("-mtune=skylake", "-fno-schedule-insns2")


class KernelCompileError(Exception):
    """No compiler was found, or all of them failed. The message has their output."""


def sources_number(folder: Path) -> int:
    """Return a number of the content of the sources in a folder, which the library holds as well.

    Otherwise a checkout with newer sources would use an older library.
    """
    folders = [folder] if folder == SHARED else [folder, SHARED]
    files = [
        path for each in folders for path in sorted(each.iterdir()) if path.suffix in (".c", ".h")
    ]
    return zlib.crc32(b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files))


def library_name(system: str) -> str:
    """Return the file name of the library on a system, by `platform.system`."""
    return NAME + {"Windows": ".dll", "Darwin": ".dylib"}.get(system, ".so")


def compilers(environment: Mapping[str, str]) -> list[list[str]]:
    """Return the commands of the compilers to try: ``$CC`` alone if it is set, or those on PATH."""
    import shlex  # late: to load the library, only its name is needed
    import shutil

    if environment.get("CC"):
        return [shlex.split(environment["CC"])]
    found = map(shutil.which, ("gcc", "clang", "cc"))
    return [[path] for path in found if path]


def compile_kernel(
    folder: Path,
    target: Path,
    commands: Sequence[Sequence[str]] | None = None,
    more: Sequence[str] = (),
    machine: str | None = None,
    system: str | None = None,
) -> Path:
    """Compile the kernel of a folder to `target`, which is replaced when the new file is complete.

    Parameters
    ----------
    folder : Path
        It has the source `SOURCE`, and headers.
    target : Path
    commands : sequence of commands, optional
        The compilers to try, in order; by default those of `compilers`.
    more : sequence of str
        Further flags.
    machine, system : str, optional
        Those of `platform`, if the library is for another machine.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    KernelCompileError
        No compiler works.
    """
    import shlex
    import subprocess
    import tempfile

    commands = compilers(os.environ) if commands is None else commands
    machine = (machine or platform.machine()).lower()
    flags = [*FLAGS, f"-DSOURCES={sources_number(folder)}u", f"-I{SHARED}", *more]
    if machine in ("x86_64", "amd64"):
        flags += TUNING
    if (system or platform.system()) != "Windows":
        flags.append("-fPIC")
    failures = []
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kernel-") as place:
        built = Path(place) / target.name
        for command in commands:
            arguments = [*command, *flags, str(folder / SOURCE), "-o", str(built)]
            try:
                done = subprocess.run(  # noqa: S603 - the compiler of this machine
                    arguments, capture_output=True, text=True, errors="replace", check=False
                )
            except OSError as problem:
                failures.append(f"{shlex.join(arguments)}: {problem}")
                continue
            if done.returncode == 0 and built.exists():
                built.replace(target)
                return target
            failures.append(f"{shlex.join(arguments)}: {done.stderr.strip()[-2000:]}")
    text = "\n".join(failures)
    raise KernelCompileError(text or "no C compiler: set CC, or install gcc or clang")


def main(folder: Path) -> str | None:
    """Compile the kernel of a folder into it, for a command; return the text of an error."""
    try:
        sys.stdout.write(f"{compile_kernel(folder, folder / library_name(platform.system()))}\n")
    except KernelCompileError as failed:
        return f"the kernel was not compiled: {failed}"
    return None
