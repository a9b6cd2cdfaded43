"""Evaluates a net for many inputs: encoders in workers, layers once a batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from netencoders.batches import check_map, ordered_map
from netencoders.calls import returnable
from netencoders.errors import EncodeError, InputError
from netencoders.graph.decoding import Decoding
from netencoders.graph.inputs import complete
from netencoders.origins import is_of_signal_handler
from netencoders.parameters import short

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["Failure", "net_map"]


class Failure:
    """The exception of one input."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem


def net_map(
    net: NetGraph,
    values: Iterable[Any],
    *,
    workers: int | None,
    batch_size: int,
    on_error: Literal["raise", "return"],
    isolate: bool,
    timeout: float | None,
    decoding: Decoding,
) -> Iterator[Any]:
    """Yield the result of a net for each input, in order; see `NetGraph.map`."""
    check_map(values, on_error, isolate=isolate, timeout=timeout)
    if type(batch_size) is not int or batch_size < 1:
        raise ValueError(f"batch_size must be an integer >= 1. Got {short(batch_size)}.")
    is_ours = batch_size == 1 and net.runs_in_workers and not isolate
    if isolate:
        timeout = 600.0 if timeout is None else timeout
        taken = _isolated(net, values, workers, timeout)
    else:
        evaluate = partial(net._evaluate, functions=decoding)
        attempt = _attempt(evaluate if is_ours else net._taken)
        taken = ordered_map(attempt, values, workers=workers, on_error="raise", prepare=net.prepare)
    results = taken if is_ours else _in_batches(net, taken, batch_size, decoding)
    return _delivered(results, on_error)


def _attempt(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that returns the exceptions of an input as a `Failure`."""
    encode = returnable(action)

    def attempt(value: Any) -> Any:
        try:
            return encode(value)
        except Exception as problem:
            if is_of_signal_handler(problem):
                raise
            return Failure(problem)

    return attempt


def _in_batches(
    net: NetGraph, taken: Generator[Any, None, None], batch_size: int, decoding: Decoding
) -> Generator[Any, None, None]:
    """Run the layers for the inputs of each batch; yield results and failures in order.

    If the iterable of the inputs fails, the inputs before have their results first.
    """
    failure: Exception | None = None
    with closing(taken):
        while failure is None:
            batch: list[Any] = []
            try:
                batch.extend(islice(taken, batch_size))
            except Exception as problem:
                failure = problem
            if not batch:
                break
            elements = [element for element in batch if not isinstance(element, Failure)]
            results = iter(_results(net, elements, decoding))
            del elements
            for element in batch:
                yield element if isinstance(element, Failure) else next(results)
        if failure is not None:
            raise failure


def _results(net: NetGraph, elements: list[dict[str, Any]], decoding: Decoding) -> list[Any]:
    """Return the results of a batch; if it fails, those of each element alone."""
    run = _attempt(net._run)
    results = run(elements) if elements else []
    if not isinstance(results, Failure):
        return list(map(_attempt(partial(net._shown, functions=decoding)), results))
    if len(elements) == 1:
        return [results]
    return [result for element in elements for result in _results(net, [element], decoding)]


def _isolated(
    net: NetGraph, values: Iterable[Any], workers: int | None, timeout: float
) -> Generator[Any, None, None]:
    """Yield the values of the input ports for each input, encoded in processes."""
    given: dict[str, deque[Any]] = {port: deque() for port in net.inputs}
    kept: deque[Failure | None] = deque()  # for each input: None, or the failure that replaces it
    source = iter(values)
    ports = _attempt(lambda value: complete(tuple(net.inputs), value))

    def column(port: str) -> Iterator[Any]:
        """Yield the values of one port; an input is read when the first port needs it."""
        while True:
            if not given[port]:
                try:
                    found = ports(next(source))
                except StopIteration:
                    return
                kept.append(found if isinstance(found, Failure) else None)
                if not isinstance(found, Failure):
                    for each, item in found.items():
                        given[each].append(item)
            else:
                yield given[port].popleft()

    ended = Failure(StopIteration())
    with ExitStack() as stack:
        columns: dict[str, Iterator[Any]] = {}
        for port in net.inputs:
            encoder = net.encoders.get(port)
            items = column(port)
            if encoder is not None:
                items = encoder.map(
                    items, workers=workers, on_error="return", isolate=True, timeout=timeout
                )
                stack.callback(items.close)  # type: ignore[attr-defined] # a generator
            columns[port] = items
        check = _attempt(lambda values: net._taken_arrays(values))
        while True:
            row = {port: next(items, ended) for port, items in columns.items()}
            while kept and (wrong := kept.popleft()) is not None:
                yield wrong
            if any(value is ended for value in row.values()):
                return
            failed = [value for value in row.values() if isinstance(value, EncodeError)]
            yield Failure(failed[0]) if failed else check(row)


def _delivered(results: Generator[Any, None, None], on_error: str) -> Generator[Any, None, None]:
    with closing(results):
        for index, result in enumerate(results):
            if not isinstance(result, Failure):
                yield result
                continue
            problem = result.problem
            if isinstance(problem, InputError):
                problem.index = index
            else:
                problem.add_note(f"for element {index} of the batch")
            if on_error == "raise":
                raise problem
            yield problem
