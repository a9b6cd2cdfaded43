"""A callable as a layer of a net graph: its arguments are the inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from netencoders.arrays import ArraySpec
from netencoders.errors import PortError, nearest
from netencoders.graph.layers import OUTPUT, Layer, Specs, Values, refuse_nan
from netencoders.parameters import short

__all__ = ["CallableLayer", "callable_layer", "name_of"]


@dataclass(frozen=True, eq=False)
class CallableLayer(Layer):
    """A callable with its inputs and its declared shapes.

    Attributes
    ----------
    call : callable
    positional : tuple of str
        The inputs that are passed by position, in order; the others are passed by keyword.
    """

    call: Callable[..., Any]
    positional: tuple[str, ...]

    runs_in_workers = False  # its code may not be meant for threads

    @property
    def may_change_inputs(self) -> bool:  # type: ignore[override] # a fact of the callable
        """Whether it is code in Python, which might change an array in place."""
        return not isinstance(self.call, np.ufunc)

    @property
    def is_row_wise(self) -> bool:
        """Whether it is a function of single elements."""
        return isinstance(self.call, np.ufunc) and self.call.signature is None

    def streams(self, specs: Specs) -> bool:
        """Return whether it is a function of elements, of which numpy pairs those of one row."""
        known = [form for form in specs.values() if form is not None]
        return self.is_row_wise and len({len(form.dims) - form.stream_axis for form in known}) <= 1

    def infer(self, specs: Specs) -> Specs:
        """Return the form that the callable declares or infers."""
        return {OUTPUT: self._inferred(specs)}

    def run(self, inputs: Sequence[Values]) -> list[Values]:
        """Call the layer for each element, with its inputs by position or by name."""
        return [self._called(values) for values in inputs]

    def _called(self, values: Values) -> Values:
        positional = [values[name] for name in self.positional]
        named = {name: values[name] for name in values if name not in self.positional}
        result = {OUTPUT: self.call(*positional, **named)}
        refuse_nan(self.name, result)
        return result

    def _inferred(self, specs: Specs) -> ArraySpec | None:
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


def callable_layer(name: str, call: Callable[..., Any]) -> CallableLayer:
    """Return the layer for a name and a callable.

    The required arguments of the signature are the inputs. The inputs of a ufunc have the names of
    numpy: ``x``, or ``x1`` and ``x2``. A callable without a signature, or with only ``*args``, has
    the inputs that it declares, or else one input called ``Input``; they are passed by position.

    Raises
    ------
    PortError
        A declared input is not an argument, or there is no required argument.
    """
    declared = _declared(name, call)
    arguments = _arguments(name, call)
    if arguments is None:
        return _layer(name, call, tuple(declared) or ("Input",), (), (), declared)
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
    return _layer(name, call, positional, keywords, options, declared)


def name_of(call: object) -> str:
    """Return the name of a function or of a class of callables."""
    name = getattr(call, "__name__", "")
    return name if isinstance(name, str) and name else type(call).__name__


def _layer(
    name: str,
    call: Callable[..., Any],
    positional: tuple[str, ...],
    keywords: tuple[str, ...],
    options: tuple[str, ...],
    declared: Mapping[str, ArraySpec | None],
) -> CallableLayer:
    kind = name_of(call)
    inputs = positional + keywords
    return CallableLayer(
        name, call, kind, inputs, options, (OUTPUT,), _known(declared), call, positional
    )


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
