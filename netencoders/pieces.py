"""Pieces: the iterator of the blocks of a session, and the worker that runs a stream of them.

Each item that the worker sends is rows, or the news that it needs the next piece, has ended, or has
failed. As in `workers` (A32), no lock of Python code is shared. The worker does not refer to the
session: a session without references ends its worker.
"""

from __future__ import annotations

import atexit
import weakref
from _queue import SimpleQueue  # as in `workers`
from collections.abc import Callable, Iterator
from typing import Any, Final, Self

import numpy.typing as npt

from netencoders.errors import EncodeError

__all__ = ["ENDED", "LAST", "NAME", "NEEDS_MORE", "Begin", "Failed", "Piece", "Pieces", "closed"]

Begin = Callable[[Iterator[Any]], Iterator[npt.NDArray[Any]]]
"""A function that begins a stream of an iterator of blocks."""

NAME: Final = "session"
"""The name of the input in messages."""


class Piece:
    """A block of the input."""

    def __init__(self, block: Any) -> None:
        self.block = block


class Failed:
    """The exception of a stream."""

    def __init__(self, problem: BaseException) -> None:
        self.problem = problem


LAST: Final = object()
"""The item after the last piece."""

NEEDS_MORE: Final = object()
"""The result that asks for the next piece."""

ENDED: Final = object()
"""The result after the last rows."""


class Pieces:
    """The iterator that the stream pulls from; the worker waits in it for the next piece.

    Parameters
    ----------
    pieces, results : SimpleQueue
        The queues of the session.
    owner : weakref
        The reference to the session, which is kept here: it tells of the end of the session.
    """

    input_name = NAME  # for warnings

    def __init__(
        self, pieces: SimpleQueue[Any], results: SimpleQueue[Any], owner: weakref.ref[Any]
    ) -> None:
        self._pieces = pieces
        self._results = results
        self._owner = owner
        self._begun = self._finished = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if self._finished:
            raise StopIteration
        if self._begun:
            self._results.put(NEEDS_MORE)
        self._begun = True
        item = self._pieces.get()
        if isinstance(item, Piece):
            return item.block
        if item is LAST:
            self._finished = True
            raise StopIteration
        raise closed()

    def send_rows(self, begin: Begin) -> None:
        """Send the rows of a stream of the pieces, and its end."""
        _waiting.add(self._pieces)
        try:
            for rows in begin(self):
                self._results.put(rows)
            self._results.put(ENDED)
        except BaseException as problem:
            self._results.put(Failed(problem))
        finally:
            _waiting.discard(self._pieces)


def closed() -> EncodeError:
    """Return the error of a session that was closed while its stream ran."""
    return EncodeError(
        "it was closed before its end",
        code="cancelled",
        source=NAME,
        remedy="finish it before its with block ends",
    )


_waiting: Final[set[SimpleQueue[Any]]] = set()
"""The queues of sessions whose worker lives."""


# It runs before that of `workers`, which waits for threads: the last one registered is the first.
@atexit.register
def _end_all() -> None:  # pragma: no cover - it runs when the process ends
    """End the workers that wait for a piece."""
    for pieces in tuple(_waiting):
        pieces.put(None)
