"""Origins: exceptions of the input's own code, of signal handlers and of warning filters."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from netencoders import EncodeError, NetEncoder
from netencoders.origins import is_foreign, is_of_signal_handler, mark_of_input

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def raised_by_signal() -> Iterator[Callable[[Callable[..., object]], Callable[[], None]]]:
    """Return a function that takes a handler, and returns a function that it interrupts."""
    before = signal.getsignal(signal.SIGUSR1)

    def make(handler: Callable[..., object]) -> Callable[[], None]:
        signal.signal(signal.SIGUSR1, handler)
        return lambda: signal.raise_signal(signal.SIGUSR1)

    yield make
    signal.signal(signal.SIGUSR1, before)


class Object:
    """An object whose methods are handlers."""

    def method(self, number: int, frame: Any) -> None:
        """Raise an error, as a handler that is a method."""
        raise TimeoutError("late")

    def __call__(self, number: int, frame: Any, *, more: int = 0) -> None:
        """Raise an error, as a handler that is an object."""
        raise TimeoutError("late")


def named(number: int, frame: Any) -> None:
    """Raise an error, as a handler with named arguments."""
    raise TimeoutError("late")


def starred(*_: Any) -> None:
    """Raise an error, as a handler with any arguments."""
    raise TimeoutError("late")


def mixed(number: int, *rest: Any, more: int = 0) -> None:
    """Ignore later signals, and raise an error in another function."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    starred()


@pytest.mark.parametrize("handler", [named, starred, mixed, Object().method, Object()])
def test_exception_of_a_signal_handler_is_raised_unchanged(
    raised_by_signal: Any, handler: Callable[..., object]
) -> None:
    """The exception of a signal handler reaches the caller of the encoder, as it is."""
    encoder = NetEncoder("Toy")
    for call in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(TimeoutError, match=r"^late$") as caught:
            call(raised_by_signal(handler))
        assert is_of_signal_handler(caught.value)


def test_exception_of_a_signal_handler_ends_a_map(raised_by_signal: Any) -> None:
    """With on_error="return", too, the exception of a signal handler is raised."""

    def interrupted() -> None:
        try:
            raised_by_signal(named)()
        except TimeoutError as problem:  # as the code of a file object does
            mark_of_input(problem)
            raise

    with pytest.raises(TimeoutError, match=r"^late$"):
        list(NetEncoder("Toy").map([1, interrupted, 1], workers=1, on_error="return"))


def test_frame_of_a_compiled_module_before_the_handler_is_passed_over() -> None:
    """A module of Cython adds a frame of its own behind the frame that the handler gets."""

    def interrupted() -> None:
        compiled()

    def compiled() -> None:
        named(signal.SIGALRM, sys._getframe(1))

    with pytest.raises(TimeoutError, match="late") as caught:
        interrupted()
    assert is_of_signal_handler(caught.value)


def test_functions_that_get_other_frames_are_not_handlers() -> None:
    """Another frame in the arguments, or no frame, does not make a function a signal handler."""

    def fail(frame: object, *rest: object) -> None:
        raise ValueError("boom")

    for rest in ((), (1, None)):
        with pytest.raises(ValueError, match="boom") as caught:
            fail(None, *rest)
        assert not is_of_signal_handler(caught.value)
        assert not is_foreign(caught.value)


@dataclass(frozen=True)
class FrozenError(Exception):
    """An exception that refuses new attributes."""

    text: str


@pytest.mark.parametrize("problem", [ConnectionError("reset"), FrozenError("reset")])
def test_exception_of_the_input_is_raised_unchanged(problem: Exception) -> None:
    """A marked exception reaches the caller of the encoder, as it is."""
    encoder = NetEncoder("Toy")
    with pytest.raises(EncodeError, match=f"Toy raised {type(problem).__name__}"):
        encoder(problem)
    mark_of_input(problem)
    for call in (encoder, lambda value: list(encoder.stream(value))):
        with pytest.raises(type(problem)) as caught:
            call(problem)
        assert problem is caught.value
    with pytest.raises(type(problem)) as caught:
        list(encoder.map([1, problem], workers=1))
    assert problem is caught.value


@pytest.mark.parametrize("workers", [1, 2])
def test_exception_of_the_input_is_returned_with_its_cause(workers: int) -> None:
    """With on_error="return" a marked exception becomes an EncodeError, and other inputs go on."""
    problem = ConnectionError("reset by peer")
    mark_of_input(problem)
    _, error, last = NetEncoder("Toy").map([1, problem, 2], workers=workers, on_error="return")
    message = (
        "element 1: a value of type ConnectionError: reading fails with ConnectionError: "
        "reset by peer (check the source of the input)"
    )
    assert isinstance(error, EncodeError)
    assert ("unreadable", message) == (error.code, str(error))
    assert problem is error.__cause__
    assert (2, 2) == last.shape


def test_warning_that_is_an_error_is_raised_unchanged() -> None:
    """A warning that a filter turns into an error reaches the caller, as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FutureWarning, match=r"^soon$"):
            NetEncoder("Toy")(lambda: warnings.warn("soon", FutureWarning, stacklevel=1))
