"""Build the wheels of all platforms: ``python .ci/wheels.py DIRECTORY``.

The compiler is that of the package `ziglang` (``pip install ziglang build``), which compiles for
all platforms. The wheel of Linux on x86-64 was tested with the tests of the kernel. The others are
compiled, and not tested: AArch64, musl, macOS and Windows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
# The tag of the wheel, and the target of zig.
PLATFORMS: Final = {
    "manylinux_2_17_x86_64": "x86_64-linux-gnu.2.17",
    "manylinux_2_17_aarch64": "aarch64-linux-gnu.2.17",
    "musllinux_1_1_x86_64": "x86_64-linux-musl",
    "musllinux_1_1_aarch64": "aarch64-linux-musl",
    "macosx_11_0_x86_64": "x86_64-macos.11.0",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
    "win_amd64": "x86_64-windows-gnu",
    "win_arm64": "aarch64-windows-gnu",
}


def main(folder: Path) -> None:
    """Build the source distribution, a pure wheel and the wheels of `PLATFORMS` in a folder."""
    build = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    run([*build, "--sdist"])
    run([*build, "--wheel"], NETENCODERS_BUILD_KERNEL="off")
    for tag, target in PLATFORMS.items():
        run(
            [*build, "--wheel"],
            CC=f"{sys.executable} -m ziglang cc -target {target}",
            NETENCODERS_BUILD_KERNEL="required",
            NETENCODERS_BUILD_TAG=tag,
        )


def run(command: list[str], **variables: str) -> None:
    """Run a command, and end this program if it fails."""
    subprocess.run(command, check=True, env={**os.environ, **variables})  # noqa: S603 - our own


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
