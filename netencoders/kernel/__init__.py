"""The compiled kernel of the framework, and the loader of kernels, which plugins use as well.

A kernel is a C library without Python in it. Where it is missing, numpy gives the same bits.
"""

from netencoders.kernel.library import Code, KernelError, code, loaded
from netencoders.kernel.logarithm import logarithm

__all__ = ["Code", "KernelError", "code", "loaded", "logarithm"]
