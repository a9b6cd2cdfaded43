"""Policies: settings of a call, which are no part of an encoder and not of its digest.

The size of inputs, or the treatment of a truncated file, is decided where an encoder is used. A
policy is set for a ``with`` block. It holds in the threads and processes that `NetEncoder.map`
starts in the block, and in a stream that is asked for in it.

The caller sets a policy with `policies`, and the encoder reads it with `current`:

>>> import numpy as np
>>> from netencoders import ArraySpec, EncodeError, Encoder, NetEncoder, registered
>>> from netencoders.policies import current, policies
>>> class TextLength(Encoder):
...     "The number of characters of a text."
...     name = "TextLength"
...     def output(self):
...         return ArraySpec((), "int64")
...     def encode(self, value):
...         most = current("textlength.max", 1000)
...         if len(value) > most:
...             raise EncodeError(f"longer than {most} characters", code="too-long")
...         return np.array(len(value))
>>> with registered(TextLength):
...     encoder = NetEncoder("TextLength")
>>> with policies({"textlength.max": 3}):
...     encoder("four")
Traceback (most recent call last):
    ...
netencoders.errors.EncodeError: four: longer than 3 characters
>>> encoder("four")
array(4)
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any

__all__ = ["current", "in_force", "policies"]

_in_force: ContextVar[Mapping[str, Any]] = ContextVar(
    "netencoders_policies", default=MappingProxyType({})
)


def current(name: str, default: Any) -> Any:
    """Return the value of a policy.

    An encoder asks when it encodes, not when it is built: its constructor runs once, and each call
    may be under other policies. A policy may refuse an input. It must not change an array, since
    it is no part of the digest.

    Parameters
    ----------
    name : str
        A name of your own. Begin it with the name of your package, so that no other plugin uses it.
    default : object
        The value where the policy is not set.
    """
    return _in_force.get().get(name, default)


def in_force() -> dict[str, Any]:
    """Return all policies that are set here, to set them in another thread or process."""
    return dict(_in_force.get())


class policies:  # noqa: N801 - read as a function; `contextmanager` takes twice as long
    """Set policies by name for the length of a ``with`` block.

    Parameters
    ----------
    changes : mapping of str to object
        Values by name; policies that it does not name stay as they are. With processes
        (``map(..., isolate=True)``) the values are pickled.

    Examples
    --------
    >>> with policies({"truncated": "warn"}):
    ...     current("truncated", "error")
    'warn'
    >>> current("truncated", "error")
    'error'
    """

    _token: Token[Mapping[str, Any]]

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self._changes = changes

    def __enter__(self) -> None:
        self._token = _in_force.set(MappingProxyType({**_in_force.get(), **self._changes}))

    def __exit__(self, *error: object) -> None:
        _in_force.reset(self._token)
