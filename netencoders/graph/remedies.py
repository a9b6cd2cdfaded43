"""The layer, or the parameter of an encoder, that would make two forms fit, for messages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from netencoders import registry
from netencoders.arrays import ArraySpec
from netencoders.encoder import NetEncoder
from netencoders.errors import LayerError, NetEncodersError, ParameterError
from netencoders.layer import NetLayer
from netencoders.sentinels import Varying

__all__ = ["array_form", "misfit", "named_form", "remedy"]


def misfit(have: ArraySpec, want: ArraySpec) -> str | None:
    """Return the reason why arrays of one form do not fit another form, or None if they may.

    (Varying, 80) does not fit (80, Varying): both have arrays of shape (80, 80), but the axes are
    others. (Varying, 80) fits (900, Varying).
    """
    problem = have.misfit(want)
    if problem or Counter(have.dims) != Counter(want.dims):
        return problem
    kinds = {
        (mine is Varying, other is Varying)
        for mine, other in zip(have.dims, want.dims, strict=True)
    }
    if {(True, False), (False, True)} <= kinds:
        return f"dimensions {have.dims} are in another order than {want.dims}"
    return None


def remedy(
    have: ArraySpec | None,
    want: ArraySpec,
    place: str = "between them",
    encoder: NetEncoder | None = None,
) -> str:
    """Return sentences that name a remedy for a form that does not fit another one.

    A layer that changes no number is named first, then a parameter of the encoder that makes the
    arrays, then a layer that changes numbers. Each is tried before it is named. If there is none,
    the sentences name the dimensions that differ.

    Parameters
    ----------
    have, want : ArraySpec
        The form of the arrays, and the one that they need. If `have` is None, nothing is known.
    place : str
        The place of the layer.
    encoder : NetEncoder, optional
        The encoder that makes the arrays.

    Returns
    -------
    str
        Empty, or a space and sentences.
    """
    if have is None:
        return ""
    bugs: list[str] = []
    found = sorted(_layers(have, want, bugs), key=lambda pair: bool(pair[1]))
    parameter = "" if encoder is None else _parameter(encoder, want)
    sentence = ""
    if parameter and not (found and not found[0][1]):
        sentence = f" {parameter}"
    elif found:
        code, loss = found[0]
        sentence = f" Put {code} {place}{f' ({loss})' if loss else ''}."
    return f"{sentence or _differences(have, want)}{''.join(bugs)}"


def array_form(value: object) -> ArraySpec | None:
    """Return the form of one array; None if it has no elements, or none that are numbers."""
    if not isinstance(value, np.ndarray | np.generic) or not value.size:
        return None
    try:
        return ArraySpec(value.shape, value.dtype.name)
    except ValueError:
        return None


def named_form(form: ArraySpec) -> str:
    """Return a form with the names of its axes.

    >>> from netencoders import Axis, Varying
    >>> named_form(ArraySpec((Varying, 40), axes=(Axis("time", "s"), Axis("frequency", "mel"))))
    'float32 (Varying time, 40 frequency)'
    """
    names = [f" {axis.name}" for axis in form.axes] or [""] * len(form.dims)
    dims = [f"{size!r}{name}" for size, name in zip(form.dims, names, strict=True)]
    return f"{form.dtype} ({', '.join(dims)}{',' if len(dims) == 1 else ''})"


def _layers(have: ArraySpec, want: ArraySpec, bugs: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the code of each layer that makes the forms fit, and the loss that it causes."""
    for name, record in registry.layers().items():
        try:
            parameters = record.layer.mends(have, want)
            if parameters is None:
                continue
            layer = NetLayer(name, **parameters)
            result = layer.infer(have)
        except (LayerError, ParameterError):
            continue
        except Exception as bug:  # code of a plugin; the message about the forms is more important
            bugs.append(f" (The method mends of the layer {name} fails: {bug!r}.)")
            continue
        if misfit(result, want) is None:
            yield repr(layer), _loss(have, result)


def _loss(have: ArraySpec, result: ArraySpec) -> str:
    """Return the text about numbers that a layer changes; empty if it changes none."""
    if not np.can_cast(have.dtype, result.dtype, "safe"):
        old, new = np.dtype(have.dtype).kind, np.dtype(result.dtype).kind
        if new in "iu":
            return "it rounds" if old == "f" else "it refuses numbers outside of the type"
        return "it loses precision"
    (varying, count), (left, rest) = _count(have), _count(result)
    if varying != left:
        return "it leaves out or adds elements"
    if count == rest:
        return ""
    return "it leaves out elements" if rest < count else "it adds elements"


def _count(form: ArraySpec) -> tuple[int, int]:
    """Return the number of dimensions that vary, and the product of the others."""
    sizes = [size for size in form.dims if isinstance(size, int)]
    return len(form.dims) - len(sizes), math.prod(sizes)


def _parameter(encoder: NetEncoder, want: ArraySpec) -> str:
    """Return a sentence about the parameter that has the size of a dimension that is wrong."""
    pairs = list(zip(encoder.output.dims, want.dims, strict=False))
    for name, value in encoder.resolved.items():
        for mine, theirs in pairs:
            if type(value) is int and mine == value != theirs and theirs is not Varying:
                changed = _changed(encoder, name, theirs)
                if changed is not None and misfit(changed.output, want) is None:
                    return f"{encoder.name} with {name}={theirs} fits."
    return ""


def _changed(encoder: NetEncoder, name: str, value: Any) -> NetEncoder | None:
    """Return the encoder with another value of a parameter; None if it does not take it."""
    try:
        return encoder.replace(**{name: value})
    except NetEncodersError:
        return None


def _differences(have: ArraySpec, want: ArraySpec) -> str:
    """Return a sentence about each dimension with a name whose size differs."""
    if len(have.dims) != len(want.dims):
        return ""
    return "".join(
        f" The axis {axis.name} has the size {mine}, and not {theirs}."
        for axis, mine, theirs in zip(have.axes, have.dims, want.dims, strict=False)
        if Varying not in (mine, theirs) and mine != theirs
    )
