"""The encoders of numbers, classes and texts."""

from netencoders_core.encoders.characters import Characters
from netencoders_core.encoders.classes import Class
from netencoders_core.encoders.numbers import Boolean, Scalar
from netencoders_core.encoders.tokens import Tokens
from netencoders_core.encoders.utf8 import UTF8

__all__ = ["UTF8", "Boolean", "Characters", "Class", "Scalar", "Tokens"]
