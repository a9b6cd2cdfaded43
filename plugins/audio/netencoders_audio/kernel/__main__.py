"""Compile the kernel: ``python -m netencoders_audio.kernel``.

The installation of netencoders does the same, so the command is needed only if a compiler was
installed later, or if the sources have changed.
"""

import platform
import sys
from pathlib import Path

from netencoders_audio.kernel.compile import KernelCompileError, compile_kernel, library_name

if __name__ == "__main__":
    target = Path(__file__).with_name(library_name(platform.system()))
    try:
        sys.stdout.write(f"{compile_kernel(target)}\n")
    except KernelCompileError as failed:
        sys.exit(f"the kernel was not compiled: {failed}")
