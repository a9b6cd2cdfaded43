"""TorchNet: a torch module as a layer of a net."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, NetModel, Port, PortError, SavedModel
from netencoders.parameters import short
from netencoders_adapters.plugin import is_module
from netencoders_adapters.results import named_results

__all__ = ["TorchNet"]

Array = npt.NDArray[Any]
Form = ArraySpec | Port | None
ONNX = "torch.onnx.export makes a .onnx file of it, which can be saved"


class TorchNet(NetModel):
    """A torch module in evaluation mode, with numpy arrays at its ports.

    A module in a list of layers is short for ``TorchNet(module)``. The module runs in inference
    mode, and is not changed. Each array is copied on its way in and out, so that no array shares
    memory with a tensor.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode: ``module.eval()``. In training mode, dropout and batch normalization
        would depend on chance and on the neighbours in a batch.
    device : str or torch.device, optional
        The device of the module, such as ``"cuda"``. By default that of its first parameter.
    inputs : mapping of str to ArraySpec, Port or None, optional
        The arguments of `forward` that are ports, and their forms without the batch axis. By
        default the required arguments, with unknown forms. A `Port` may have another batch axis, or
        be fed with lengths or a mask.
    outputs : sequence of str or None, or mapping of str to ArraySpec, Port or None, optional
        The names of the outputs: of the elements of a tuple, in order, or of those in a dict, a
        named tuple or a dataclass that the module returns. In a sequence, None leaves out an
        element of a tuple. By default one tensor, ``Output``.
    batch_axis : int, optional
        The batch axis of the ports that are not given as a `Port`; None if the module takes and
        gives arrays without one.

    Raises
    ------
    PortError
        The object is no module in evaluation mode on this device, or its ports are not known.

    Notes
    -----
    If the form of an input is unknown, numbers are converted to the type of the parameters of the
    module where this loses nothing. Worker threads of `NetGraph.map` call the module at the same
    time; a module that keeps a state in itself needs ``workers=1``.

    Examples
    --------
    The class needs torch, so these lines are not run here::

        from netencoders import ArraySpec, NetChain, Varying
        from netencoders_adapters import TorchNet

        NetChain([torch.nn.Linear(40, 2).eval()], Input="AudioMelSpectrogram")("speech.wav")
        TorchNet(
            model,
            inputs={"features": ArraySpec((Varying, 80))},
            outputs=["logits", "lengths"],
        )
    """

    kind = "TorchNet"

    def __init__(
        self,
        module: Any,
        device: Any = None,
        *,
        inputs: Mapping[str, Form] | None = None,
        outputs: Sequence[str | None] | Mapping[str, Form] | None = None,
        batch_axis: int | None = 0,
    ) -> None:
        if not is_module(module):
            raise PortError(f"TorchNet takes a torch module. Got {short(module)}.")
        self._module = module
        self._options = {
            "device": device,
            "inputs": inputs,
            "outputs": outputs,
            "batch_axis": batch_axis,
        }
        self._name = type(module).__name__
        training = [name for name, part in module.named_modules() if part.training]
        if training:
            which = f"its part {training[0]!r}" if training[0] else "it"
            raise PortError(
                f"the module {self._name} is not ready: {which} is in training mode. Call "
                "module.eval() first: dropout and batch normalization depend on the mode."
            )
        tensors = [*module.parameters(), *module.buffers()]
        self._device = _device(self._name, tensors, device)
        self._dtype = _float_type(tensors)
        self.inputs = _ports("inputs", _arguments(module, self._name, inputs), batch_axis)
        self._outputs = None if outputs is None else [*outputs]
        self.outputs = _ports(
            "outputs", {"Output": None} if outputs is None else outputs, batch_axis
        )
        count = sum(tensor.numel() for tensor in module.parameters())
        self.summary = f"{self._name}, {count:,} parameters on {self._device}"

    def run(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Return the arrays of the outputs, as `NetModel.run` does.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            One array for each input port, with its batch axis.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        PortError
            The module is in training mode, gives other outputs, or takes another type.
        Exception
            Any exception of the module.
        """
        import torch

        if self._module.training:
            raise PortError(
                f"the module {self._name} is in training mode since the net was made. Call "
                "module.eval()."
            )
        with torch.inference_mode():
            given = {
                name: torch.tensor(self._typed(name, arrays[name]), device=self._device)
                for name in self.inputs
            }
            found = named_results(self._module(**given), self._outputs, torch.Tensor)
            return {name: _array(name, tensor) for name, tensor in found.items()}

    def saved(self) -> SavedModel:
        """Refuse to save: a module is code.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            Always.
        """
        raise PortError(f"the torch module {self._name} cannot be saved, since it is code: {ONNX}.")

    def _typed(self, name: str, array: Array) -> Array:
        """Return an array in the type of the parameters, if its form is not declared."""
        wanted = self._dtype
        if self.inputs[name].form is not None or array.dtype.kind != "f" or wanted is None:
            return array
        if np.can_cast(array.dtype, wanted, "safe"):
            return array.astype(wanted)
        raise PortError(
            f"input {name!r}: type {array.dtype} cannot become {wanted}, the type of the module's "
            "parameters, without loss: put a layer before it that converts, such as Cast."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(TorchNet, self._module, **self._options), ()

    def __repr__(self) -> str:
        default = {"batch_axis": 0}
        options = [
            f"{name}={short(value)}"
            for name, value in self._options.items()
            if value != default.get(name)
        ]
        return f"TorchNet({', '.join([f'<{self._name}>', *options])})"


def _device(name: str, tensors: Sequence[Any], device: Any) -> Any:
    """Return the device of a module, which must be the given one."""
    import torch

    wanted: Any
    try:
        wanted = torch.device(device) if device is not None else None
    except (RuntimeError, TypeError) as error:
        raise PortError(f"device: {error}.") from None
    found = {tensor.device for tensor in tensors}
    if wanted is None:
        return next(iter(tensors)).device if tensors else torch.device("cpu")
    elsewhere = [
        each
        for each in found
        if each.type != wanted.type or (wanted.index is not None and each.index != wanted.index)
    ]
    if elsewhere:
        raise PortError(
            f"the module {name} is on the device {elsewhere[0]}, not {wanted}. Move it first: "
            f"module.to({str(wanted)!r})."
        )
    return wanted


def _float_type(tensors: Sequence[Any]) -> str | None:
    """Return the first type of real numbers of a module, or None if numpy does not have it."""
    names = [str(tensor.dtype).removeprefix("torch.") for tensor in tensors]
    names = [name for name in names if "float" in name]
    return names[0] if names and names[0] in ("float16", "float32", "float64") else None


def _arguments(module: Any, name: str, inputs: Any) -> Mapping[str, Form]:
    """Return the inputs: the given ones, or the required arguments of `forward`."""
    known = inspect.signature(module.forward).parameters
    if inputs is None:
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        required = [
            each for each, of in known.items() if of.kind in kinds and of.default is of.empty
        ]
        if required:
            return dict.fromkeys(required)
        raise PortError(
            f"the arguments of {name}.forward are not known: give their names by "
            "inputs={'x': ArraySpec(...)}."
        )
    if not isinstance(inputs, Mapping) or not inputs:
        raise PortError(f"inputs must be a mapping of name to ArraySpec. Got {short(inputs)}.")
    takes_any = any(of.kind is of.VAR_KEYWORD for of in known.values())
    unknown = [each for each in inputs if each not in known]
    if unknown and not takes_any:
        raise PortError(
            f"{name}.forward has no argument {unknown[0]!r}. It has: {', '.join(known)}."
        )
    return inputs


def _ports(option: str, given: Any, batch_axis: int | None) -> Mapping[str, Port]:
    """Return the ports for names, or for a mapping of name to form."""
    if isinstance(given, list | tuple):
        names = [name for name in given if name is not None]
        if len(set(map(str, names))) < len(names) or not all(isinstance(n, str) for n in names):
            raise PortError(f"{option} must be different names. Got {short(given)}.")
        given = dict.fromkeys(names)
    if not isinstance(given, Mapping) or not given:
        raise PortError(
            f"{option} must be names, or a mapping of name to form. Got {short(given)}."
        )
    ports = {}
    for name, form in given.items():
        if form is not None and not isinstance(form, ArraySpec | Port):
            raise PortError(
                f"{option}: {name!r} must be an ArraySpec or a Port. Got {short(form)}."
            )
        ports[name] = form if isinstance(form, Port) else Port(form, batch_axis)
    return MappingProxyType(ports)


def _array(name: str, tensor: Any) -> Array:
    """Return a copy of a tensor as an array."""
    try:
        return np.array(tensor.detach().cpu().resolve_conj().resolve_neg().numpy())
    except (TypeError, RuntimeError):
        raise PortError(
            f"the output {name!r} is a tensor of the type {tensor.dtype} and the layout "
            f"{tensor.layout}, which numpy does not have: return output.to_dense().float()."
        ) from None
