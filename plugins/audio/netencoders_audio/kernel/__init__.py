"""The compiled kernel: transforms several frames at once, with the bits of numpy and scipy.

`kernel.c` and the files that it includes are C, `netencoders.kernel` compiles and loads them,
`library` has the functions, `plans` prepares the tables of a transform, `matrix` those of a
projection, `calls` checks the arrays and calls the library, and `work` has its memory. The lock of
the interpreter is released during a call.

Everything here is optional: where the library is missing, or does not support a setting, the stages
use numpy and scipy, and give the same bits (A70).
"""

from netencoders_audio.kernel.calls import BandKernel, FrameKernel, band_kernel, frame_kernels
from netencoders_audio.kernel.library import kernel_path, kernel_text
from netencoders_audio.kernel.matrix import Matrix
from netencoders_audio.kernel.plans import supported

__all__ = [
    "BandKernel",
    "FrameKernel",
    "Matrix",
    "band_kernel",
    "frame_kernels",
    "kernel_path",
    "kernel_text",
    "supported",
]
