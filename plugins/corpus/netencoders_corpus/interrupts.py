"""Interrupts: a step that writes to a corpus is done wholly before Ctrl-C takes effect."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Final

__all__ = ["whole"]

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class whole:  # noqa: N801 - used as a function; it runs once for each row
    """Hold back interrupts for the length of a ``with`` block; they take effect at its end.

    Python handles signals in the main thread. In other threads, and for signals that have no
    handler of Python, the block changes nothing.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._held: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._before[number] = handler
                signal.signal(number, self._hold)

    def _hold(self, number: int, frame: FrameType | None) -> None:
        self._held = (number, frame)

    def __exit__(self, *problem: object) -> None:
        try:
            for number, handler in self._before.items():
                signal.signal(number, handler)
        finally:  # an interrupt between two of them
            for number, handler in self._before.items():
                signal.signal(number, handler)
        if self._held is not None:
            number, frame = self._held
            self._before[number](number, frame)
