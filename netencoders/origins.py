"""Origins: tells the bugs of an encoder from the exceptions that only pass through its code.

Three kinds of exceptions pass through the code of an encoder, and reach the caller unchanged: those
of the input's own code, such as the ``read`` of a file object; those that a signal handler raises,
such as a timeout; and warnings that a filter turns into errors.
"""

from __future__ import annotations

from collections.abc import Set
from inspect import CO_VARARGS
from types import FrameType, TracebackType

__all__ = ["is_foreign", "is_of_input", "is_of_signal_handler", "mark_of_input"]

_MARK = "_netencoders_of_input"


def mark_of_input(problem: BaseException) -> None:
    """Mark an exception of the input's own code, so that it reaches the caller unchanged.

    An encoder that calls a method of its input catches the exception, marks it, and raises it
    again. Without the mark the exception becomes an `EncodeError` with the code ``bug``.

    Parameters
    ----------
    problem : BaseException

    Examples
    --------
    >>> problem = ConnectionError("reset by peer")
    >>> mark_of_input(problem)
    >>> is_of_input(problem)
    True
    """
    object.__setattr__(problem, _MARK, True)  # the class may refuse attributes


def is_of_input(problem: BaseException) -> bool:
    """Return whether `mark_of_input` marked the exception."""
    return getattr(problem, _MARK, False) is True


def is_foreign(problem: BaseException) -> bool:
    """Return whether an exception only passes through the code of an encoder."""
    return isinstance(problem, Warning) or is_of_input(problem) or is_of_signal_handler(problem)


def is_of_signal_handler(problem: BaseException) -> bool:
    """Return whether a signal handler raised the exception.

    Python runs a handler between any two steps of the main thread, and passes it the frame that it
    interrupts. No other function gets the frame of one of its callers as an argument. Modules that
    Cython compiled, such as those of PyAV, add frames of their own between the two.
    """
    callers: set[int] = set()  # frames by `id`: they exist as long as the traceback
    trace: TracebackType | None = problem.__traceback__
    while trace is not None:
        # Never the first frame, which handles the exception: the snapshot that `f_locals` makes
        # would hold the exception in a cycle, and keep files open until the next collection.
        if callers and _gets(trace.tb_frame, callers):
            return True
        callers.add(id(trace.tb_frame))
        trace = trace.tb_next
    return False


def _gets(frame: FrameType, callers: Set[int]) -> bool:
    """Return whether an argument of a frame is one of its callers."""
    code = frame.f_code
    names = code.co_varnames
    values = [frame.f_locals.get(name) for name in names[: code.co_argcount]]
    if code.co_flags & CO_VARARGS:
        rest = frame.f_locals.get(names[code.co_argcount + code.co_kwonlyargcount])
        values += rest if type(rest) is tuple else ()
    return any(id(value) in callers for value in values)
