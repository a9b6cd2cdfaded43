"""Evaluates a net for each file, and prints or writes the results in order."""

from __future__ import annotations

import copy
import zipfile
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from netencoders.cli import console, npy
from netencoders.cli.console import UsageError
from netencoders.cli.file_inputs import file_input, names_content
from netencoders.cli.json_values import json_line
from netencoders.cli.options import Execution
from netencoders.cli.standard_input import DASH, NAME, opened
from netencoders.cli.targets import prepare_folders
from netencoders.errors import EncodeError, InputError, NetEncodersError, printable
from netencoders.graph import NetGraph
from netencoders.graph.evaluation import note_of_input
from netencoders.parameters import short
from netencoders.replacing import replacing

__all__ = ["run_files"]


def run_files(
    net: NetGraph,
    sources: Sequence[str],
    targets: Sequence[Path] | None,
    *,
    fixed: Mapping[str, str],
    ports: Sequence[str],
    properties: Mapping[str, Any],
    execution: Execution,
    batch_size: int,
    force: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Evaluate a net whose input ports all have encoders, each of which gets each file.

    `fixed` has the files of input ports that get another one, the same for all inputs, and
    `properties` those of output ports with decoders. Without `targets`, each result is a line of
    JSON. Unfinished files of killed runs are removed from the folders of the targets. Without
    `keep_going`, the first failure stops the command, and results that are already written stay.

    Returns
    -------
    int
        The exit code: 0 for success, 3 if an input failed, 1 if it failed because of a bug.
    """
    if targets is not None:
        prepare_folders(targets, quiet=quiet)
    done, problems = 0, []
    with ExitStack() as stack:
        several = execution.isolate or len(net.inputs) > 1
        standard_input = stack.enter_context(opened(sources, copied=several))
        inputs = _reader(net, fixed, standard_input, stack)
        outcomes = stack.enter_context(
            closing(_outcomes(net, sources, inputs, execution, batch_size, properties))
        )
        advance = stack.enter_context(console.progress(len(sources), wanted=not quiet))
        for place, (source, outcome) in enumerate(outcomes):
            advance()
            problem, text = outcome, ""
            if not isinstance(outcome, Exception):
                target = None if targets is None else targets[place]
                problem, text = _finished(net, source, outcome, ports, target, force)
            if problem is None:
                done += 1
                if targets is None or not quiet:
                    console.out(text)
                continue
            problems.append(problem)
            shown = NAME if source == DASH else source
            _report(net, problem, _file_of(problem, fixed, shown), debug)
            if not execution.keep_going:
                break
    if problems and len(sources) > 1:
        stop = f"stopped: {done} of {len(sources)} inputs were evaluated"
        failed = f"{len(problems)} of {len(sources)} inputs failed"
        console.say(failed if execution.keep_going else stop)
    is_bug = any(isinstance(each, InputError) and each.code == "bug" for each in problems)
    return 1 if is_bug else 3 if problems else 0


def _reader(
    net: NetGraph, fixed: Mapping[str, str], standard_input: Any, stack: ExitStack
) -> Callable[[str], dict[str, Any]]:
    """Return a function that returns the input of each port for a file."""
    copies = {}
    for port in net.inputs if len(net.inputs) > 1 and standard_input is not None else ():
        copies[port] = stack.enter_context(copy.copy(standard_input))  # with a place of its own

    def read(source: str) -> dict[str, Any]:
        values = {}
        for port, encoder in net.encoders.items():
            file = fixed.get(port, source)
            try:
                values[port] = file_input(encoder, file, copies.get(port, standard_input))
            except EncodeError as problem:
                problem.add_note(note_of_input(port))
                raise
        return values

    return read


def _file_of(problem: Exception, fixed: Mapping[str, str], source: str) -> str:
    """Return the file that a failure is about: that of a port of its own, or `source`."""
    notes = getattr(problem, "__notes__", ())
    about = (port for port in fixed if note_of_input(port) in notes)
    return next((fixed[port] for port in about), source)


def _outcomes(
    net: NetGraph,
    sources: Sequence[str],
    read: Callable[[str], dict[str, Any]],
    execution: Execution,
    batch_size: int,
    properties: Mapping[str, Any],
) -> Generator[tuple[str, Any], None, None]:
    """Yield each file with its result, or with the exception of a failure, in order."""
    begun: deque[tuple[str, EncodeError | None]] = deque()

    def values() -> Iterator[dict[str, Any]]:
        for source in sources:
            try:
                value = read(source)
            except EncodeError as problem:
                begun.append((source, problem))
                continue
            begun.append((source, None))
            yield value

    results: Any = net.map(
        values(),
        workers=execution.workers,
        batch_size=batch_size,
        on_error="return",
        isolate=execution.isolate,
        timeout=execution.timeout if execution.isolate else None,
        outputs=properties,
    )
    with closing(results):
        for result in results:
            while begun[0][1] is not None:
                yield begun.popleft()
            yield begun.popleft()[0], result
    yield from begun


def _finished(
    net: NetGraph,
    source: str,
    outcome: Any,
    ports: Sequence[str],
    target: Path | None,
    force: bool,
) -> tuple[EncodeError | None, str]:
    """Write the result of a file, if it has a target; return the failure, and the line to print."""
    outputs = outcome if len(net.outputs) > 1 else {ports[0]: outcome}
    wanted = {port: outputs[port] for port in ports}
    decoded = [port for port in ports if port in net.decoders and target is not None]
    for port in decoded:
        if not isinstance(wanted[port], np.ndarray | np.generic):
            raise UsageError(
                f"-o writes arrays, and the decoder of the output port {port!r} gives "
                f"{short(wanted[port])} (--property none gives the array; without -o, values are "
                "printed)"
            )
    try:
        if target is None:
            return None, _line(source, wanted)
        return None, f"{printable(str(target))}  {_written(target, wanted, source, force)}"
    except EncodeError as problem:
        return problem, ""


def _line(source: str, outputs: Mapping[str, Any]) -> str:
    try:
        return json_line(source, outputs if len(outputs) > 1 else next(iter(outputs.values())))
    except ValueError as problem:
        raise EncodeError(
            str(problem), code="not-written", source=source, remedy="write a .npy file: -o OUT"
        ) from problem


def _written(target: Path, outputs: Mapping[str, Any], source: str, force: bool) -> str:
    """Write one file, and return the forms of its arrays."""
    arrays = {port: np.asarray(value) for port, value in outputs.items()}
    try:
        with replacing(target, force=force) as file:
            if len(arrays) == 1:
                (array,) = arrays.values()
                dtype, shape = npy.write_blocks(file, [array])
                return f"{dtype} {shape}"
            _write_npz(file, arrays)
            return ", ".join(f"{port} {each.dtype} {each.shape}" for port, each in arrays.items())
    except (OSError, ValueError) as error:  # ValueError: the elements are Python objects
        reason = error.strerror or error if isinstance(error, OSError) else error
        text = f"{printable(str(target))} cannot be written: {reason}"
        raise EncodeError(text, code="not-written", source=source) from error


def _write_npz(file: BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Write named arrays: numpy.savez takes no array of the name ``file``."""
    with zipfile.ZipFile(file, "w") as zipped:
        for port, array in arrays.items():
            with zipped.open(f"{port}.npy", "w", force_zip64=True) as member:
                npy_format.write_array(member, array, allow_pickle=False)


def _report(net: NetGraph, problem: Exception, source: str, debug: bool) -> None:
    """Write the line of a failure, which names the file, and the layer or the port that failed."""
    if isinstance(problem, InputError):
        problem.index = None  # the name identifies the input
    named = source == NAME or any(map(names_content, net.encoders.values()))
    if isinstance(problem, EncodeError) and named:
        problem.source = printable(source)
    text = console.one_line(problem)
    if not isinstance(problem, NetEncodersError):
        text = f"{type(problem).__name__}: {text}"
    notes = getattr(problem, "__notes__", ())
    layers = [note for note in notes if note.startswith(("in layer ", "at the output port "))]
    if layers and not text.startswith("layer "):
        text = f"{text} ({layers[0]})"
    report = NetEncodersError(text)
    report.__cause__ = problem
    console.error(report, debug=debug, source=source)
