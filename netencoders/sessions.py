"""Session: the push interface of a stream. Blocks of an input are given, rows are returned.

A stream pulls its blocks: it is a chain of generators, which cannot be left in the middle of one.
A session therefore runs the stream in a worker thread (`pieces`), and passes it one piece at a
time. The two threads take turns, so that only one of them runs.
"""

from __future__ import annotations

import os
import weakref

# Not from `queue`, which falls back to a queue in Python where there is none in C.
from _queue import Empty, SimpleQueue
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn, Self

import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.chain import join
from netencoders.errors import EncodeError
from netencoders.links import empty
from netencoders.pieces import ENDED, LAST, NAME, NEEDS_MORE, Begin, Failed, Piece, Pieces, closed
from netencoders.workers import POLL, WorkerPool

__all__ = ["Session"]

Rows = npt.NDArray[Any]


class Session:
    """An input that is given piece by piece, such as the samples of a microphone or a socket.

    `NetEncoder.session` makes it. The concatenation of all results of `feed` and of `finish` along
    ``output.stream_axis`` is the array of the call for the whole input, bit for bit, for any split
    into pieces.

    Use it in a ``with`` block, which ends it. A session that raises an error has failed, since a
    piece is missing: every later call raises an error that names the first one. One thread at a
    time may use a session, and these may be different threads, such as those of
    ``asyncio.to_thread``.

    Parameters
    ----------
    begin : callable
        Begins the stream of an iterator of blocks.
    block : callable
        Returns the block of one argument of `feed`, or raises EncodeError.
    output : ArraySpec
        The form of the rows.

    Attributes
    ----------
    output : ArraySpec
        The form of the array of the whole input.
    state : {"open", "finished", "closed", "failed"}
        Whether `feed` may be called.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import Audio
    >>> samples = np.sin(np.arange(16000, dtype=np.float32))
    >>> encoder = NetEncoder("AudioSpectrogram")
    >>> with encoder.session(16000) as session:
    ...     rows = [session.feed(samples[start : start + 320]) for start in range(0, 16000, 320)]
    ...     rows.append(session.finish())
    >>> [len(array) for array in rows[:5]], len(rows[-1])
    ([0, 2, 3, 2, 2], 3)
    >>> np.array_equal(np.concatenate(rows), encoder(Audio(samples, 16000)))
    True
    """

    def __init__(self, begin: Begin, block: Callable[[Any], Any], output: ArraySpec) -> None:
        self.output = output
        self.state = "open"
        self._begin: Begin | None = begin
        self._block = block
        self._failure = ""
        self._process = os.getpid()
        self._ended = False  # whether the stream has given its last row
        self._pool = WorkerPool(1)
        self._turn: SimpleQueue[None] = SimpleQueue()  # one token, for the thread that uses it
        self._turn.put(None)
        self._results: SimpleQueue[Any] = SimpleQueue()
        self._pieces: SimpleQueue[Any] = SimpleQueue()
        # The end of the session is an item that is no piece.
        self._owner = weakref.ref(self, self._pieces.put)

    def feed(self, piece: Any) -> Rows:
        """Give the next piece of the input, and return the rows that it completes.

        Parameters
        ----------
        piece : object
            For encoders of audio, samples as those of `Audio`, of shape (n,) or (n, channels). The
            memory may be used again afterwards.

        Returns
        -------
        ndarray
            The rows, in the layout of `output`; maybe none.

        Raises
        ------
        EncodeError
            The piece cannot be encoded. The code is ``session-ended`` after `finish` or `close`,
            ``session-failed`` after an error, and ``session-busy`` if another thread uses the
            session.
        """
        return self._used(lambda: self._send(Piece(self._block(piece))))

    def finish(self) -> Rows:
        """End the input, and return the last rows.

        Returns
        -------
        ndarray
            The rows, in the layout of `output`; maybe none.

        Raises
        ------
        EncodeError
            As for `feed`, and if the whole input cannot be encoded, because it has no samples for
            example.
        """
        rows = self._used(lambda: self._send(LAST))
        self.state = "finished"
        self._pool.close()
        return rows

    def close(self) -> None:
        """End the session without its last rows; has no effect if it has ended.

        It waits for a running `feed` half a second at most.
        """
        if self.state == "open":
            self.state = "closed"
        self._pieces.put(None)
        if self._process == os.getpid():
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session: {self.state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a session cannot be pickled: make it in the process that uses it, by encoder.session()"
        )

    def _used(self, action: Callable[[], Rows]) -> Rows:
        """Run an action of `feed` or `finish`. After any exception, the session has failed."""
        self._check()
        try:
            self._turn.get_nowait()
        except Empty:
            raise EncodeError(
                "another thread uses it",
                code="session-busy",
                source=NAME,
                remedy="await each feed before the next one, or use one session for each input",
            ) from None
        try:
            rows = action()
            self._turn.put(None)
        except BaseException as problem:
            if isinstance(problem, EncodeError):
                problem.source = NAME  # the stream names its source, which is not the caller's
            # Only the text: the traceback of the exception holds the session.
            self.state, self._failure = "failed", str(problem) or type(problem).__name__
            self.close()
            raise
        return rows

    def _check(self) -> None:
        """Refuse a session that has ended, has failed or belongs to another process."""
        if self.state == "failed":
            raise EncodeError(
                f"it has failed before: {self._failure}",
                code="session-failed",
                source=NAME,
                remedy="begin a new session: a piece of this one is missing",
            )
        if self._process != os.getpid():
            text = "it was made in another process"
        elif self.state == "open":
            return
        else:
            text = f"it is {self.state}"
        raise EncodeError(
            text,
            code="session-ended",
            source=NAME,
            remedy="begin a new session for the next input: encoder.session()",
        )

    def _send(self, item: Any) -> Rows:
        """Give an item to the worker, and return the rows that it sends before it needs more."""
        rows: list[Rows] = []
        if self._begin is not None:
            begin, self._begin = self._begin, None
            pieces = Pieces(self._pieces, self._results, self._owner)
            self._pool.submit(pieces.send_rows, begin)
        if not self._ended:
            self._pieces.put(item)
        while not self._ended:
            try:
                result = self._results.get(timeout=POLL)
            except Empty:
                if self.state != "open":  # the worker may not have begun
                    raise closed() from None
                continue
            if result is NEEDS_MORE:
                break
            if isinstance(result, Failed):
                try:
                    raise result.problem
                finally:
                    del result  # its traceback holds this frame
            if result is ENDED:
                self._ended = True
            else:
                rows.append(result)
        return join(rows, self.output) if rows else empty(self.output)
