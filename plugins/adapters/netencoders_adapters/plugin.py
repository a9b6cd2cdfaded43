"""The entry point: registers the readers of torch modules and estimators with netencoders."""

from __future__ import annotations

from collections.abc import Callable

from netencoders import NetReader, hookimpl

__all__ = ["register_net_readers"]


@hookimpl
def register_net_readers(register: Callable[[NetReader], None]) -> None:
    """Register the readers."""
