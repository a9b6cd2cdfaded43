"""One layer of a net graph: a callable, the names of its inputs, and its declared shapes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from netencoders.arrays import ArraySpec
from netencoders.errors import PortError, nearest
from netencoders.parameters import short

__all__ = ["Layer", "array_problem", "read_layer"]


@dataclass(frozen=True)
class Layer:
    """A callable of a net graph, with its inputs and its declared shapes.

    Attributes
    ----------
    name : str
    call : callable
    positional : tuple of str
        The inputs that are passed by position, in order.
    keywords : tuple of str
        The inputs that are passed by keyword.
    options : tuple of str
        The arguments with a default: optional inputs, passed by keyword.
    declared : mapping of str to ArraySpec
        The declared forms of the inputs.
    """

    name: str
    call: Callable[..., Any]
    positional: tuple[str, ...]
    keywords: tuple[str, ...]
    options: tuple[str, ...]
    declared: Mapping[str, ArraySpec]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The required inputs; one without an edge becomes a port of the net."""
        return self.positional + self.keywords

    def infer(self, specs: Mapping[str, ArraySpec | None]) -> ArraySpec | None:
        """Return the form of the output for the forms of the connected inputs; None if unknown.

        Raises
        ------
        PortError
            The layer refuses the forms of its inputs.
        """
        infer = getattr(self.call, "infer", None)
        if isinstance(self.call, np.ufunc) and self.call.signature is None and self.call.nin == 1:
            infer = partial(_elementwise, self.call)
        if not callable(infer) or None in specs.values():
            output = getattr(self.call, "output", None)
            return output if isinstance(output, ArraySpec) else None
        try:
            spec = infer(**specs)
        except ValueError as error:
            raise PortError(f"layer {self.name!r} refuses its inputs: {error}") from error
        if not isinstance(spec, ArraySpec | None):
            raise PortError(
                f"layer {self.name!r}: infer must return an ArraySpec or None. Got {short(spec)}."
            )
        return spec

    def apply(self, arguments: Mapping[str, Any]) -> Any:
        """Call the layer with its inputs by name, and return the result.

        Raises
        ------
        PortError
            An input does not have its declared form.
        Exception
            Any exception of the callable, with a note that names the layer.
        """
        for name, spec in self.declared.items():
            problem = array_problem(spec, arguments[name]) if name in arguments else None
            if problem:
                raise PortError(f"input {name!r} of layer {self.name!r}: {problem}.")
        positional = [arguments[name] for name in self.positional]
        named = {name: arguments[name] for name in arguments if name not in self.positional}
        try:
            return self.call(*positional, **named)
        except Exception as error:
            error.add_note(f"in layer {self.name!r} of the net")
            raise


def read_layer(name: object, call: object) -> Layer:
    """Return the layer for a name and a callable.

    The required arguments of the signature are the inputs. The inputs of a ufunc have the names of
    numpy: ``x``, or ``x1`` and ``x2``. A callable without a signature, or with only ``*args``, has
    the inputs that it declares, or else one input called ``Input``; they are passed by position.

    Raises
    ------
    PortError
        The name or the callable is invalid, or a declared input is not an argument.
    """
    if not isinstance(name, str) or not name or "." in name:
        raise PortError(f"a layer's name must be a text without dots. Got {short(name)}.")
    if not callable(call):
        raise PortError(f"layer {name!r} must be callable. Got {short(call)}.")
    declared = _declared(name, call)
    arguments = _arguments(name, call)
    if arguments is None:
        return Layer(name, call, tuple(declared) or ("Input",), (), (), _known(declared))
    positional, keywords, options = arguments
    if not positional and not keywords:
        raise PortError(f"layer {name!r} has no required argument, so it cannot take an input.")
    known = (*positional, *keywords, *options)
    unknown = [key for key in declared if key not in known]
    if unknown and len(declared) == len(positional) == 1 and not keywords:
        positional = (unknown[0],)  # the only declared input is the only argument
    elif unknown:
        hint = nearest(unknown[0], known) or f" It has: {', '.join(known)}."
        raise PortError(
            f"layer {name!r} declares {unknown[0]!r}, which is not one of its arguments.{hint}"
        )
    return Layer(name, call, positional, keywords, options, _known(declared))


def array_problem(spec: ArraySpec, value: object) -> str | None:
    """Return the reason why `value` is not an array of the form `spec`, or None if it is."""
    if isinstance(value, np.generic):
        value = np.asarray(value)  # numpy's reductions return a scalar for 0 dimensions
    if not isinstance(value, np.ndarray):
        return f"{short(value)} is not an array"
    return spec.problem(value)


def _elementwise(function: np.ufunc, x: ArraySpec) -> ArraySpec | None:
    try:
        *_, dtype = function.resolve_dtypes((np.dtype(x.dtype), None))
    except TypeError as error:
        raise ValueError(str(error)) from error
    if dtype.kind == "O":
        return None  # a Python function that numpy.frompyfunc made a ufunc
    return replace(x, dtype=dtype.name, quantity="")


def _declared(name: str, call: object) -> Mapping[str, ArraySpec | None]:
    declared = getattr(call, "inputs", None)
    if not isinstance(declared, Mapping):
        return {}  # other libraries use an attribute of this name with another meaning
    for key, spec in declared.items():
        if not isinstance(key, str) or not isinstance(spec, ArraySpec | None):
            raise PortError(
                f"layer {name!r}: 'inputs' must map names to ArraySpec. Got {key!r}: {short(spec)}."
            )
    return declared


def _known(declared: Mapping[str, ArraySpec | None]) -> dict[str, ArraySpec]:
    return {name: spec for name, spec in declared.items() if spec is not None}


def _arguments(
    name: str, call: Callable[..., Any]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Return positional, keyword-only and optional arguments; None if there is no signature."""
    if isinstance(call, np.ufunc):
        if call.nout != 1:
            raise PortError(
                f"layer {name!r} must return one array. Got {call.nout}: use a function that "
                "selects one."
            )
        numbered = tuple(f"x{number}" for number in range(1, call.nin + 1))
        return ("x",) if call.nin == 1 else numbered, (), ()
    try:
        parameters = inspect.signature(call).parameters.values()
    except ValueError:  # built-in
        return None
    required = [p for p in parameters if p.default is p.empty]
    positional = tuple(
        p.name for p in required if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    )
    keywords = tuple(p.name for p in required if p.kind is p.KEYWORD_ONLY)
    options = tuple(
        p.name
        for p in parameters
        if p.default is not p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    )
    if not positional and not keywords and any(p.kind is p.VAR_POSITIONAL for p in required):
        return None
    return positional, keywords, options
