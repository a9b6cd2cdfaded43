"""Calls: run an encoder on one input, and check its result.

The code of an encoder belongs to a plugin, which may raise any exception. An EncodeError names the
input.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from os import PathLike
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from netencoders import policies
from netencoders.arrays import ArraySpec
from netencoders.base import Encoder
from netencoders.chain import Chain
from netencoders.errors import BUG_REMEDY, EncodeError, PluginError, input_name
from netencoders.inputs import kinds_text
from netencoders.links import close
from netencoders.origins import is_foreign, is_of_input, is_of_signal_handler
from netencoders.outputs import Encoded, Form, Outputs, arrays_of, specs_of
from netencoders.workers import undisturbed

__all__ = ["accepts", "encode", "engine", "feeder", "prepare", "returnable", "stream", "unreadable"]

Result = TypeVar("Result")


def prepare(encoder: Encoder) -> None:
    """Let an encoder import the modules that it needs.

    Raises
    ------
    PluginError
        The method `prepare` of the encoder fails.
    """
    try:
        undisturbed(encoder.prepare)
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(
            f"prepare() raises {type(bug).__name__}: {bug}", plugin=f"encoder {encoder.name}"
        ) from bug


def engine(encoder: Encoder) -> str:
    """Return the text about the code that computes the arrays.

    Raises
    ------
    PluginError
        The method `engine` of the encoder fails.
    """
    try:
        return str(encoder.engine())
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(
            f"engine() raises {type(bug).__name__}: {bug}", plugin=f"encoder {encoder.name}"
        ) from bug


def accepts(encoder: Encoder, value: Any) -> bool:
    """Return whether a value is one input of an encoder; a list that is not is a batch.

    Raises
    ------
    EncodeError
        With code ``bug``: the method `accepts` of the encoder fails.
    """
    return bool(_guarded(encoder, value, lambda: encoder.accepts(value)))


def encode(encoder: Encoder, chain: Chain, value: Any) -> Any:
    """Return the array for one input, after the layers of `chain`.

    An array of the form of the result is returned unchanged, unless `Encoder.check_encoded` refuses
    it.

    Raises
    ------
    EncodeError
        The input cannot be encoded. The code is ``bug`` if the encoder itself fails. An OSError
        that names the path of the input has the code ``not-found``, ``permission`` or
        ``unreadable``.
    Exception
        An exception that only passes through the encoder (see `origins`) is raised unchanged.
    """
    first, last = chain.forms[0], chain.forms[-1]
    if _is_encoded(encoder, chain, value):
        return _passed(encoder, last, value)
    if chain.is_empty:
        return _guarded(encoder, value, lambda: _declared(first, encoder.encode(value)))
    return _guarded(encoder, value, lambda: chain.array(_declared(first, encoder.encode(value))))  # type: ignore[arg-type] # layers take one array


def returnable(encode: Callable[[Any], Result]) -> Callable[[Any], Result]:
    """Return the function `encode`, with an EncodeError for an exception of the input's own code.

    `NetEncoder.map` uses it with ``on_error="return"``: one input that cannot be read does not end
    the others.
    """

    def encoded(value: Any) -> Result:
        try:
            return encode(value)
        except Exception as problem:
            foreign = is_of_input(problem) and not is_of_signal_handler(problem)
            if isinstance(problem, EncodeError) or not foreign:
                raise
            raise EncodeError(
                f"reading fails with {type(problem).__name__}: {problem}",
                code="unreadable",
                source=input_name(value),
                remedy="check the source of the input",
            ) from problem

    return encoded


def stream(encoder: Encoder, chain: Chain, value: Any, active: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the blocks of one input after the layers of `chain`, under the policies `active`.

    Raises
    ------
    EncodeError
        As `encode`. The code is ``one-pass`` if a layer needs a second reading, and the input can
        be read only once.
    """
    first, last = chain.forms[0], chain.forms[-1]
    if _is_encoded(encoder, chain, value):
        yield _passed(encoder, last, value)
        return
    once = chain.readings > 1 and not _guarded(encoder, value, lambda: encoder.repeatable(value))
    is_pipe = once and (not isinstance(value, Iterator) or hasattr(value, "read"))
    # Several arrays are one block. A pipe ends, so its rows fit into memory, as in a call.
    if is_pipe or isinstance(first, Outputs):
        with policies.policies(active):
            block = encode(encoder, chain, value)
        yield block
        return
    if once:
        raise EncodeError(
            f"the layer {chain.first_whole} needs the whole input before its first row, and "
            "this input can be read only once",
            code="one-pass",
            source=input_name(value),
            remedy="encode it by a call, or give a file, bytes or an array",
        )
    part = first.block()

    def source() -> Iterator[Any]:
        encoded = iter(encoder.stream(value))
        try:
            for block in encoded:
                yield _declared(part, block)
        finally:
            close(encoded)

    ended: Final = object()

    def advance() -> Any:
        # Not in a copied context: a generator that is closed early must be in its first context.
        with policies.policies(active):
            return next(blocks, ended)

    with policies.policies(active):
        blocks = _guarded(encoder, value, lambda: chain.blocks(source))
    try:
        while (block := _guarded(encoder, value, advance)) is not ended:
            yield block
    finally:
        if isinstance(blocks, Generator):  # else its `finally` would run without the policies
            with policies.policies(active):
                _guarded(encoder, value, blocks.close)


def feeder(
    encoder: Encoder, name: str, arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> Callable[[Any], Any]:
    """Return the function of `Encoder.feeder`; its errors name the input `name`.

    Raises
    ------
    EncodeError
        The encoder cannot encode such an input piece by piece. The code is ``bug`` if the encoder
        itself fails.
    """
    block = _guarded(encoder, name, lambda: encoder.feeder(*arguments, **options))
    return lambda piece: _guarded(encoder, name, lambda: block(piece))


def _guarded(encoder: Encoder, value: Any, action: Callable[[], Result]) -> Result:
    """Run the plugin's code; raise any failure as an EncodeError that names the input."""
    try:
        return action()
    except EncodeError as problem:
        problem.source = problem.source or input_name(value)
        raise
    except Exception as problem:  # code of a plugin may raise anything
        if is_foreign(problem):
            raise
        if isinstance(problem, OSError) and _is_about_input(problem, value):
            raise unreadable(problem, value) from None
        raise EncodeError(
            f"{encoder.name} raised {type(problem).__name__}: {problem}",
            code="bug",
            source=input_name(value),
            remedy=BUG_REMEDY,
        ) from problem


def _is_about_input(problem: OSError, value: object) -> bool:
    """Return whether the error is about the path of the input."""
    named: object = problem.filename
    if not isinstance(value, str | PathLike) or not isinstance(named, str | bytes | PathLike):
        return False
    return os.fsdecode(named) == os.fsdecode(value)


def unreadable(problem: OSError, value: object) -> EncodeError:
    """Return the error for an input whose path cannot be opened."""
    text, code, remedy = problem.strerror or "cannot be read", "unreadable", "check the path"
    if isinstance(problem, FileNotFoundError):
        text, code = "no such file", "not-found"
    elif isinstance(problem, PermissionError):
        text, code, remedy = "no permission to read it", "permission", "check its permissions"
    return EncodeError(text, code=code, source=input_name(value), remedy=remedy)


def _is_encoded(encoder: Encoder, chain: Chain, value: Any) -> bool:
    """Return whether a value is encoded already; refuse one that is no input either."""
    if encoder.inputs and accepts(encoder, value):
        return False
    if chain.forms[-1].matches(value):
        if chain.lacks_layers(value):
            raise _ambiguous(encoder, value)
        return True
    if not encoder.inputs:
        return False
    raise EncodeError(
        f"{encoder.name} takes {kinds_text(encoder.inputs)}, not a value of type "
        f"{type(value).__name__}",
        code="unsupported-input",
        source=input_name(value),
        remedy="convert it, or choose an encoder of such inputs",
    )


def _ambiguous(encoder: Encoder, array: npt.NDArray[Any]) -> EncodeError:
    return EncodeError(
        f"an array of shape {array.shape} may be the result of {encoder.name} before or after the "
        "layers: both have this form",
        code="ambiguous-array",
        source=input_name(array),
        remedy="to apply the layers to it: for layer in encoder.layers: array = layer(array). If "
        "it is encoded already, net.replace(Input=None) returns a net that takes it",
    )


def _passed(encoder: Encoder, form: Form, value: Encoded) -> Encoded:
    """Check and return arrays that are encoded already: a second encoding has no effect."""
    _guarded(encoder, value, lambda: encoder.check_encoded(value))
    for name, spec in specs_of(form).items():
        _check_values(spec, arrays_of(value)[name])
    return value


def _check_values(form: ArraySpec, array: npt.NDArray[Any]) -> None:
    if array.dtype.kind in "fc" and not np.isfinite(array).all():
        raise EncodeError(
            "the array has the form of an encoded array, but contains NaN or infinity",
            code="non-finite",
            source=input_name(array),
            remedy="encode its input again",
        )
    problem = form.range_problem(array)
    if problem:
        raise EncodeError(
            f"the array has the form of an encoded array, but {problem}",
            code="out-of-range",
            source=input_name(array),
            remedy="encode its input again",
        )


def _declared(form: Form, array: Any) -> Encoded:
    """Return `array` if it has the form that the encoder declares."""
    if isinstance(form, ArraySpec) and not isinstance(array, np.ndarray):
        hint = " (a number is np.array(number))" if isinstance(array, np.generic) else ""
        raise TypeError(f"the result is of type {type(array).__name__}, not an array{hint}")
    problem = form.problem(array)
    if problem:
        raise ValueError(f"the result does not have the declared form: {problem}")
    result: Encoded = array
    return result
