"""The layout of a model: its ports, constants and batch axes, for the options of OnnxNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import Port, PortError
from netencoders.parameters import short
from netencoders_onnx.constants import as_array
from netencoders_onnx.ports import (
    Tensor,
    batch_axes,
    batch_limit,
    check_names,
    made_port,
    names_of,
    tensors,
)

__all__ = ["Layout", "laid_out"]


@dataclass(frozen=True)
class Layout:
    """The ports of a model.

    Attributes
    ----------
    tensors : tuple of Tensor
        The inputs that are no constants.
    inputs, outputs : mapping of str to Port
    constants : mapping of str to ndarray
    axes : mapping of str to int or None
        The batch axes of ports and constants.
    limit : int or None
        The largest size of a batch.
    """

    tensors: tuple[Tensor, ...]
    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    constants: Mapping[str, npt.NDArray[Any]]
    axes: Mapping[str, int | None]
    limit: int | None


def laid_out(session: Any, options: Mapping[str, Any], unshaped: frozenset[str] | None) -> Layout:
    """Return the layout of the model of a session.

    `unshaped` has the ports whose shape the file does not declare; None if it was not read.

    Raises
    ------
    PortError
        An option does not fit the model, or a port is no array of numbers.
    """
    given = session.get_inputs()
    infos = dict(zip(names_of(session.get_outputs()), session.get_outputs(), strict=True))
    inputs = tensors(given, unshaped, "Export the model without it.")
    names = [tensor.name for tensor in inputs]
    lengths, mask = _told(options, names, [*infos])
    chosen = _chosen(options["outputs"], [*infos], lengths)
    remedy = "Choose others by outputs=[...]."
    outputs = tensors([infos[name] for name in chosen], unshaped, remedy)
    values = options["constants"] or {}
    check_names("constants", values, names)
    fixed = [tensor for tensor in inputs if tensor.name in values]
    free = [tensor for tensor in inputs if tensor.name not in values]
    axes = batch_axes(free, outputs, fixed, options["batch"])
    constants = {tensor.name: as_array(tensor, values[tensor.name]) for tensor in fixed}

    def ports(some: Sequence[Tensor], minimum: int) -> Mapping[str, Port]:
        made = {}
        for tensor in some:
            of = lengths.get(tensor.name, ""), mask.get(tensor.name, "")
            made[tensor.name] = made_port(tensor, axes[tensor.name], minimum, *of)
        return MappingProxyType(made)

    limit = batch_limit([*free, *outputs], axes)
    if _has_state(constants, axes, options["batch"]):
        limit = 1
    return Layout(tuple(free), ports(free, 1), ports(outputs, 0), constants, axes, limit)


def _has_state(
    constants: Mapping[str, npt.NDArray[np.generic]], axes: Mapping[str, int | None], batch: Any
) -> bool:
    """Return whether a constant may be a state that runs along the batch: frames of a recording."""
    stated = batch if isinstance(batch, Mapping) else {}
    return any(
        array.size > 1 and axes[name] is None and name not in stated
        for name, array in constants.items()
    )


def _told(
    options: Mapping[str, Any], inputs: list[str], outputs: list[str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Check the options `lengths` and `mask`, and return them."""
    lengths, mask = options["lengths"] or {}, options["mask"] or {}
    check_names("lengths", [*lengths, *lengths.values()], inputs + outputs)
    check_names("mask", [*mask, *mask.values()], inputs)
    both = [name for name in lengths if name in mask]
    if both:
        raise PortError(f"the port {both[0]!r} is in lengths and in mask: leave one out.")
    for name, target in lengths.items():
        if (name in inputs) != (target in inputs):
            raise PortError(
                f"lengths: {name!r} and {target!r} must both be inputs, or both be outputs."
            )
    return lengths, mask


def _chosen(selected: Any, known: list[str], lengths: Mapping[str, str]) -> list[str]:
    """Return the outputs that are computed: the selected ones, and their lengths."""
    if selected is None:
        return known
    if not isinstance(selected, list | tuple) or not selected:
        raise PortError(f"outputs must be a list of names. Got {short(selected)}.")
    check_names("outputs", selected, known)
    if len(set(selected)) < len(selected):
        raise PortError(f"outputs names a port twice. Got {short(selected)}.")
    told = [name for name, target in lengths.items() if target in selected]
    return [*selected, *(name for name in told if name not in selected)]
