"""Sessions: states, errors, and the worker thread, which ends with the session."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    NeighbourLayer,
    NetEncoder,
    Parameter,
    Session,
    Varying,
    check_stop,
    policies,
    registered,
    workers,
)

HANG = 30  # seconds: longer than any machine takes


class Sums(Encoder):
    """Gives the running sum after each pair of numbers, and the last sum."""

    name = "Sums"
    parameters: tuple[Parameter, ...] = ()

    def output(self) -> ArraySpec:
        """Return one column."""
        return ArraySpec((Varying, 1), "int64")

    def encode(self, value: Any) -> Any:
        """Return the collected stream."""
        return np.concatenate(list(self.stream(value)))

    def feeder(self, scale: int, offset: int = 0) -> Callable[[Any], Any]:
        """Return a function that scales a list of numbers."""
        if scale == 0:
            raise EncodeError("scale is 0", code="no-scale", source="its scale", remedy="give 1")

        def block(piece: Any) -> list[int]:
            if piece == "bad":
                raise EncodeError("a bad piece", code="bad-piece", remedy="give numbers")
            return [scale * number + offset for number in piece]

        return block

    def stream(self, value: Any) -> Iterator[Any]:
        """Yield the sums."""
        total = count = 0
        for block in value:
            for number in block:
                if number == 13:
                    raise EncodeError("13 is not a number", code="thirteen", source="numbers")
                if number == 98:
                    while True:
                        check_stop()
                        time.sleep(0.01)
                total, count = total + number, count + 1
                if count % 2 == 0:
                    yield np.array([[total]])
        yield np.array([[total]])


class Pairs(Encoder):
    """Gives two named arrays."""

    name = "Pairs"
    parameters: tuple[Parameter, ...] = ()

    def output(self) -> dict[str, ArraySpec]:
        """Return two numbers."""
        return {"a": ArraySpec(()), "b": ArraySpec(())}

    def encode(self, value: Any) -> Any:
        """Return the numbers."""
        return {"a": np.zeros((), "f4"), "b": np.zeros((), "f4")}


class Last(NeighbourLayer):
    """A layer of another author: keeps each block back until the next one."""

    name = "Last"
    parameters: tuple[Parameter, ...] = ()

    def infer(self, form: ArraySpec) -> ArraySpec:
        """Return the same form."""
        return form

    def stream(self, blocks: Iterator[Any]) -> Iterator[Any]:
        """Yield each block when the next one comes."""
        held = None
        for block in blocks:
            if held is not None:
                yield held
            held = block.copy()
        if held is not None:
            yield held


@pytest.fixture(autouse=True)
def sums() -> Iterator[None]:
    """Register the encoders and the layer; at the end, no thread of a session is left."""
    with registered(Sums, Pairs, Last):
        yield
    gc.collect()
    deadline = time.monotonic() + HANG
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [] == threads()


def threads() -> list[int]:
    """Return the identifiers of the living worker threads."""
    return [thread for shared in tuple(workers._running) for thread in shared.alive]


def session(*arguments: Any) -> Session:
    """Return a session of the encoder of this module."""
    return NetEncoder("Sums").session(*(arguments or (1,)))


def listed(rows: Any) -> list[int]:
    """Return the numbers of some rows."""
    assert (1,) == rows.shape[1:]
    assert np.int64 == rows.dtype
    numbers: list[int] = rows[:, 0].tolist()
    return numbers


def test_rows_are_returned_by_the_feed_that_completes_them() -> None:
    """Each feed returns its rows, and `finish` the rest."""
    given = session()
    assert "<Session: open>" == repr(given)
    assert [[], [3], [], [10, 21]] == [
        listed(given.feed(piece)) for piece in ([1], [2], [], [3, 4, 5, 6, 7])
    ]
    assert [28] == listed(given.finish())
    assert ("finished", "<Session: finished>") == (given.state, repr(given))
    assert ArraySpec((Varying, 1), "int64") == given.output
    assert [] == threads()


def test_arguments_describe_the_input() -> None:
    """The arguments of `session` are those of `feeder`, by position or by name."""
    with NetEncoder("Sums").session(10, offset=1) as given:
        assert [32] == listed(given.feed([1, 2]))
    for arguments, message in (
        ({}, "session of Sums: missing a required argument: 'scale'"),
        ({"scale": 1, "rate": 2}, "session of Sums: got an unexpected keyword argument 'rate'"),
    ):
        with pytest.raises(TypeError, match=message):
            NetEncoder("Sums").session(**arguments)


def test_layers_of_other_authors_have_sessions() -> None:
    """A layer needs no code of its own for sessions."""
    encoder = NetEncoder("Sums").then("Last")
    with encoder.session(1) as given:
        rows = [given.feed(piece) for piece in ([1, 2], [3, 4], [5, 6])]
        rows.append(given.finish())
    assert [[], [3], [10], [21, 21]] == [listed(part) for part in rows]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Plain", r"^session: Plain takes whole inputs only \(collect the input, and encode it by"),
        ("Pairs", r"^session: Pairs gives several arrays, and a session gives the rows of one \(c"),
    ],
)
def test_encoders_without_sessions_are_refused(name: str, message: str) -> None:
    """An encoder that implements no `feeder`, or gives named arrays, has no sessions."""

    class Plain(Encoder):
        """Has no sessions."""

        name = "Plain"
        parameters: tuple[Parameter, ...] = ()

        def output(self) -> ArraySpec:
            """Return a number."""
            return ArraySpec(())

        def encode(self, value: Any) -> Any:
            """Return a number."""
            return np.zeros((), "f4")

    with registered(Plain), pytest.raises(EncodeError, match=message) as caught:
        NetEncoder(name).session()
    assert "no-session" == caught.value.code


def test_feeder_may_refuse_and_fail() -> None:
    """An error of `feeder` names the session, and a failure of its code is a bug."""
    with pytest.raises(EncodeError, match=r"^session: scale is 0 \(give 1\)$") as caught:
        session(0)
    assert "no-scale" == caught.value.code
    with pytest.raises(EncodeError, match=r"Sums raised TypeError: .*report it") as caught:
        session("a").feed([1j])
    assert ("bug", "session") == (caught.value.code, caught.value.source)


@pytest.mark.parametrize(
    ("piece", "code", "message"),
    [
        ("bad", "bad-piece", r"^session: a bad piece \(give numbers\)$"),
        ([1, 13], "thirteen", r"^session: 13 is not a number$"),
        (["a"], "bug", r"^session: Sums raised TypeError"),
    ],
)
def test_session_that_fails_stays_failed(piece: Any, code: str, message: str) -> None:
    """After an error of a piece or of the stream, each call names it: a piece is missing."""
    given = session()
    given.feed([1])
    with pytest.raises(EncodeError, match=message) as caught:
        given.feed(piece)
    assert code == caught.value.code
    assert "failed" == given.state
    for call in (lambda: given.feed([1]), given.finish):
        with pytest.raises(
            EncodeError,
            match=r"^session: it has failed before: session: .* \(begin a new session: a piece of "
            r"this one is missing\)$",
        ) as caught:
            call()
        assert "session-failed" == caught.value.code
    given.close()
    assert "failed" == given.state
    assert [] == threads()


def test_ended_sessions_take_no_pieces() -> None:
    """After `finish`, `close` or the block, `feed` and `finish` are refused with the remedy."""
    finished, closed, left = session(), session(), session()
    finished.feed([1])
    finished.finish()
    finished.close()
    closed.feed([1])
    closed.close()
    closed.close()
    with left as same:
        assert same is left
    for given, word in ((finished, "finished"), (closed, "closed"), (left, "closed")):
        assert word == given.state
        for call in (lambda given=given: given.feed([1]), given.finish):
            with pytest.raises(
                EncodeError, match=rf"^session: it is {word} \(begin a new session for the next"
            ) as caught:
                call()
            assert "session-ended" == caught.value.code
    assert [] == threads()


def test_thread_ends_with_the_last_reference() -> None:
    """A session that is dropped without `close` ends its thread."""
    given = session()
    given.feed([1])
    assert 1 == len(threads())
    del given  # the fixture waits for the end of the thread
    gc.collect()


def test_session_starts_no_thread_before_its_first_piece() -> None:
    """A session that is not used has no thread."""
    given = session()
    assert [] == threads()
    given.close()
    assert [] == threads()


def test_error_that_is_kept_keeps_no_thread() -> None:
    """The traceback of an error may be kept."""
    given = session()
    with pytest.raises(EncodeError) as caught:
        given.feed([13])
    assert [] == threads()
    del given
    assert "thirteen" == caught.value.code


@pytest.mark.parametrize("begun", [False, True])
def test_another_thread_may_not_use_it_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """A second thread inside of `feed` is refused; `close` ends that of the first one."""
    problems: list[EncodeError] = []
    given = session()
    if begun:
        given.feed([1])
    else:  # the worker never begins
        monkeypatch.setattr(given._pool, "submit", lambda *_: None)

    def feed() -> None:
        with pytest.raises(EncodeError, match=r"^session: it (was closed|is not fini)") as caught:
            given.feed([1, 98])
        problems.append(caught.value)

    waiting = threading.Thread(target=feed)
    waiting.start()
    deadline = time.monotonic() + HANG
    while not given._turn.empty() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(EncodeError, match=r"^session: another thread uses it \(await") as caught:
        given.feed([1])
    assert "session-busy" == caught.value.code
    given.close()
    waiting.join(HANG)
    assert not waiting.is_alive()
    assert ["cancelled"] == [problem.code for problem in problems]


def test_threads_may_take_turns() -> None:
    """With asyncio, each feed may run in another thread."""

    async def used() -> list[Any]:
        loop = asyncio.get_running_loop()
        with session() as given:
            rows = [await loop.run_in_executor(None, given.feed, [n]) for n in range(5)]
            return [*rows, await asyncio.to_thread(given.finish)]

    assert [[], [1], [], [6], [], [10]] == [listed(rows) for rows in asyncio.run(used())]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals with handlers")
def test_interrupt_of_a_feed_fails_the_session() -> None:
    """An exception of a signal handler is raised in `feed`, and ends the thread."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        given = session()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            given.feed([1, 98])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(EncodeError, match="it has failed before: KeyboardInterrupt"):
        given.feed([1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no other processes without fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork with threads
def test_other_process_may_not_use_it() -> None:
    """A thread does not live on in a forked process: the session is refused there."""
    given = session()
    given.feed([1])
    context = multiprocessing.get_context("fork")
    results = context.Queue()

    def child() -> None:
        try:
            given.feed([1])
        except EncodeError as problem:
            given.close()
            results.put((problem.code, str(problem)))

    process = context.Process(target=child)
    process.start()
    code, text = results.get(timeout=HANG)
    process.join(HANG)
    assert "session-ended" == code
    assert "session: it was made in another process" in text
    assert [3] == listed(given.feed([2]))
    given.close()


def test_session_cannot_be_pickled() -> None:
    """The error names the remedy."""
    with pytest.raises(TypeError, match="a session cannot be pickled: make it in the process"):
        pickle.dumps(session())


def test_open_session_does_not_delay_the_end_of_the_process() -> None:
    """A process ends at once, though a session waits for its next piece."""
    code = """
import atexit
import netencoders.workers
from netencoders import NetEncoder
session = NetEncoder("AudioSpectrogram").session(16000)
session.feed([0.0] * 999)
import netencoders.pieces as sessions
atexit.unregister(netencoders.workers._end_all)
def left():
    netencoders.workers._end_all()
    print(len(netencoders.workers._running))
atexit.unregister(sessions._end_all)
atexit.register(left)
atexit.register(sessions._end_all)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG, check=True
    )
    assert ("0\n", "") == (done.stdout, done.stderr)


def test_pieces_stay_at_their_end() -> None:
    """A stream that pulls again after the last piece gets none, and does not wait."""

    class Again(Sums):
        """Pulls after the end."""

        name = "Again"

        def stream(self, value: Any) -> Iterator[Any]:
            """Yield the number of blocks, and of those after the end."""
            yield np.array([[len(list(value))], [len(list(value))]])

    with registered(Again):
        given = NetEncoder("Again").session(1)
        given.feed([1])
        assert [1, 0] == listed(given.finish())


def test_policies_of_the_start_hold() -> None:
    """The stream runs under the policies that are in force when the session is made."""

    class Told(Sums):
        """Gives the value of a policy."""

        name = "Told"

        def stream(self, value: Any) -> Iterator[Any]:
            """Yield the number for each block."""
            for _ in value:
                yield np.array([[policies.current("workers", 0)]])

    with registered(Told):
        with policies.policies({"workers": 7}):
            given = NetEncoder("Told").session(1)
        assert [7] == listed(given.feed([1]))
        with policies.policies({"workers": 8}):
            assert [7] == listed(given.feed([1]))
        given.close()
