"""Encoding in worker processes, where a crash or a hang becomes the error of one input."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from netencoders import batches, calls, registry
from netencoders.chain import join
from netencoders.errors import BUG_REMEDY, EncodeError, PluginError, input_name
from netencoders.isolation.process import WorkerProcess

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder
    from netencoders.records import Provider

__all__ = ["IsolatedEncoder", "isolated_map"]


class IsolatedEncoder:
    """An encoder that runs in worker processes, one for each thread that uses it at a time.

    A process starts when it is needed, and again after it has died.

    Parameters
    ----------
    encoder : NetEncoder
    timeout : float
        The time limit for one input, in seconds: for its process, from the request to the last
        reply. It includes the start of a process. It does not include the time that the caller
        takes between two blocks.

    Raises
    ------
    ValueError
        `timeout` is not a number > 0.
    PluginError
        The encoder, or one of its layers, is registered in this process only.
    """

    def __init__(self, encoder: NetEncoder, timeout: float) -> None:
        _require_published(f"encoder {encoder.name}", registry.find(encoder.name).provider)
        for layer in encoder.layers:
            _require_published(f"layer {layer.name}", registry.find_layer(layer.name).provider)
        self._encoder = encoder
        self._timeout = _seconds(timeout)
        # An interrupt at any point leaves a deque as it was before or after the call.
        self._workers: deque[WorkerProcess] = deque()
        self._idle: deque[WorkerProcess] = deque()
        self._closed = False

    def encode(self, value: Any) -> npt.NDArray[Any]:
        """Encode one input; see `stream`."""
        blocks = list(self.stream(value))
        if not blocks:
            raise EncodeError(
                "its stream has no blocks, not even one without rows",
                code="bug",
                source=input_name(value),
                remedy=BUG_REMEDY,
            )
        return blocks[0] if len(blocks) == 1 else join(blocks, self._encoder.output)

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Encode one input in blocks.

        Warnings of the process become warnings of this process.

        Raises
        ------
        EncodeError
            The encoder raises it; or its code is ``crashed`` (the process died, or sent bytes that
            are no reply), ``timeout`` (the process took too long and was killed) or
            ``unsupported-input`` (the input cannot be sent to another process).
        """
        worker = self._worker()
        try:
            yield from worker.stream(value)
        except EncodeError as error:
            error.source = error.source or input_name(value)
            raise
        finally:
            self._idle.append(worker)

    def kill(self) -> None:
        """Kill all processes, without waiting for their end. No further input is accepted."""
        self._closed = True  # a thread that adds a process looks at it afterwards
        for worker in tuple(self._workers):
            worker.kill()

    def close(self) -> None:
        """End all processes, even those that are encoding. No further input is accepted."""
        self.kill()
        for worker in tuple(self._workers):
            worker.close()

    def _worker(self) -> WorkerProcess:
        try:
            return self._idle.pop()
        except IndexError:
            worker = WorkerProcess(self._encoder, self._timeout)
            self._workers.append(worker)
            if self._closed:
                worker.close()
            return worker


def _require_published(plugin: str, provider: Provider) -> None:
    """Require that another process finds an encoder or a layer.

    Raises
    ------
    PluginError
        It is registered in this process only.
    """
    if provider.distribution == registry.THIS_PROCESS:
        raise PluginError(
            "it is registered in this process only, so another process cannot use it: publish it "
            "as a plugin, or encode without isolation",
            plugin=plugin,
        )


def isolated_map(
    encoder: NetEncoder,
    values: Iterable[Any],
    *,
    workers: int | None,
    on_error: Literal["raise", "return"],
    timeout: float,
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    """Encode many inputs in worker processes, in order; see `NetEncoder.map`."""
    processes = IsolatedEncoder(encoder, timeout)
    encode = calls.returnable(processes.encode) if on_error == "return" else processes.encode
    outcomes = batches.ordered_map(
        encode,
        values,
        workers=workers,
        on_error=on_error,
        helping=False,
        cancel=processes.kill,
    )
    return _closing(outcomes, processes)


def _closing(
    outcomes: Iterator[npt.NDArray[Any] | EncodeError], processes: IsolatedEncoder
) -> Iterator[npt.NDArray[Any] | EncodeError]:
    # The processes end first, so that no thread waits for one of them.
    with closing(processes):
        for outcome in outcomes:  # noqa: UP028 - `yield from` would wait for the threads first
            yield outcome


def _seconds(timeout: Any) -> float:
    try:
        if timeout > 0:
            return float(timeout)
    except OverflowError:  # an integer beyond the floats
        return float("inf")
    except TypeError:
        pass
    raise ValueError(f"timeout must be a number > 0, in seconds. Got {timeout!r}.")
