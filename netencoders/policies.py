"""Policies: settings of a call, which are no part of an encoder and not of its digest.

The size of inputs, or the treatment of a truncated file, is decided where an encoder is used. A
policy is set for a ``with`` block, and holds in the threads and processes that `NetEncoder.map`
starts in it.
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
    """Return the policy of that name, or the default where none is set."""
    return _in_force.get().get(name, default)


def in_force() -> dict[str, Any]:
    """Return all policies that are set here, to be set elsewhere."""
    return dict(_in_force.get())


class policies:  # noqa: N801 - read as a function; `contextmanager` takes twice as long
    """Set policies by name for the length of a ``with`` block.

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
