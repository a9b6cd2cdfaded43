"""NetModel: a model of another library as a layer of a net, and the reader that makes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import Any, ClassVar

import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import PluginError, PortError
from netencoders.parameters import is_line, is_name, short

__all__ = ["NetModel", "NetReader", "Port", "SavedModel"]

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Port:
    """An input or output port of a model.

    Parameters
    ----------
    form : ArraySpec or None
        The form of the array of one input, without the batch axis; None if it is unknown.
    batch_axis : int, optional
        The axis of the model's array that counts the inputs of a batch. None if the array has no
        such axis: the model then runs once for each input.
    lengths_of, mask_of : str
        The port whose sizes along its only `Varying` dimension this one holds: as numbers of
        elements, or as ones for elements of the input and zeros for padding. Such an input port is
        fed by the net, and is no port of the layer. An output port with `lengths_of` tells how much
        of another output port belongs to each input.

    Raises
    ------
    PluginError
        Both `lengths_of` and `mask_of` are given, or another field is invalid.

    Examples
    --------
    >>> Port(ArraySpec((80,)), batch_axis=0).batch_axis
    0
    """

    form: ArraySpec | None
    batch_axis: int | None = None
    lengths_of: str = ""
    mask_of: str = ""

    def __post_init__(self) -> None:
        if self.lengths_of and self.mask_of:
            raise PluginError("a port holds either lengths or a mask, not both.")
        form: Any = self.form  # callers may pass any type
        if not isinstance(form, ArraySpec | None):
            raise PluginError(f"the form of a port is an ArraySpec or None. Got {short(form)}.")
        axis = self.batch_axis
        # Not isinstance: a bool is an int.
        fits = axis is None or (type(axis) is int and axis >= 0)
        if not fits or (axis and form is not None and axis > len(form.dims)):
            raise PluginError(
                "batch_axis is the index of an axis of the model's array, or None. "
                f"Got {short(axis)}."
            )

    @property
    def is_fed(self) -> bool:
        """Whether the net fills this port from the sizes at another one."""
        return bool(self.lengths_of or self.mask_of)


@dataclass(frozen=True)
class SavedModel:
    """The parts of a model that a saved net holds.

    Parameters
    ----------
    parameters : mapping of str to object
        JSON values.
    files : mapping of str to bytes or path
        The content of each file by its name, a path with ``/`` and without ``..``.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes | PathLike[str]] = field(default_factory=dict)


class NetModel(ABC):
    """Base class of models as layers of a net: arrays at named ports to arrays at named ports.

    A subclass sets `kind`, `inputs` and `outputs`, and implements `run`. Any number of threads may
    use a model. The net checks the arrays against the forms, makes batches of them (with padding,
    lengths and masks), and takes the results apart, so that `run` only calls the other library.

    Attributes
    ----------
    kind : str
        The name of its `NetReader`, such as ``"OnnxNet"``.
    inputs, outputs : mapping of str to Port
        The ports, in order.
    reach : str
        ``"row"`` if one row of each output depends on the same row of the inputs alone, so that a
        net may stream it; else ``"whole"``.
    batch_limit : int, optional
        The largest size of a batch axis, such as 1 for a model with a batch axis of fixed size.
    summary : str
        One line about the model for tables, such as the name of its file.
    """

    kind: ClassVar[str]
    inputs: Mapping[str, Port] = MappingProxyType({})
    outputs: Mapping[str, Port] = MappingProxyType({})
    reach: str = "whole"
    batch_limit: int | None = None
    summary: str = ""

    @abstractmethod
    def run(self, arrays: Arrays) -> Arrays:
        """Return the array of each output port.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            One array for each input port, with its batch axis. All batch axes have one size.

        Returns
        -------
        mapping of str to ndarray

        Raises
        ------
        Exception
            Any exception of the other library. The net adds the name of the layer.
        """

    def saved(self) -> SavedModel:
        """Return the parts that a saved net holds; `NetReader.restore` takes them.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            The model cannot be saved.
        """
        raise PortError(f"a layer of the kind {self.kind} cannot be saved: its code is not data")


def recognizes_none(value: object) -> bool:
    """Return that no object is recognized."""
    return False


@dataclass(frozen=True)
class NetReader:
    """How layers of nets are made from files or objects of another library.

    A plugin registers it by the hook `register_net_readers`.

    Parameters
    ----------
    name : str
        The kind of the models: a letter, then letters, digits and underscores.
    summary : str
        One line: the files or objects that it reads.
    read : callable
        ``read(value) -> NetModel`` makes the layer for a path or an object.
    suffixes : tuple of str
        The suffixes of the files, in lower case, such as ``(".onnx",)``.
    recognizes : callable, optional
        ``recognizes(value) -> bool`` tells whether an object is one of these, without importing the
        other library.
    restore : callable, optional
        ``restore(parameters, files) -> NetModel`` makes the layer from the parts of
        `NetModel.saved`, with the files as bytes. It runs no code of a file.

    Raises
    ------
    PluginError
        A field is invalid.
    """

    name: str
    summary: str
    read: Callable[[Any], NetModel]
    suffixes: tuple[str, ...] = ()
    recognizes: Callable[[object], bool] = recognizes_none
    restore: Callable[[Mapping[str, Any], Mapping[str, bytes]], NetModel] | None = None

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise PluginError(
                "the name of a net reader must be a letter, then letters, digits and underscores. "
                f"Got {short(self.name)}."
            )
        owner = f"net reader {self.name}"
        if not is_line(self.summary):
            raise PluginError(
                f"'summary' must be one line. Got {short(self.summary)}.", plugin=owner
            )
        given: Any = self.suffixes
        if not isinstance(given, tuple) or not all(
            isinstance(text, str) and text.startswith(".") and text == text.lower()
            for text in given
        ):
            raise PluginError(
                "'suffixes' must be a tuple of texts such as '.onnx', in lower case. "
                f"Got {short(self.suffixes)}.",
                plugin=owner,
            )
        for name in ("read", "recognizes", "restore"):
            given = getattr(self, name)
            if not callable(given) and not (name == "restore" and given is None):
                raise PluginError(f"{name!r} must be a function. Got {short(given)}.", plugin=owner)
