"""OnnxNet: a model in the ONNX format as a layer of a net."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from netencoders import NetModel, PortError, SavedModel
from netencoders.errors import printable
from netencoders.parameters import is_line, short
from netencoders_onnx.constants import repeated
from netencoders_onnx.layout import laid_out
from netencoders_onnx.plugin import recognizes
from netencoders_onnx.ports import Tensor
from netencoders_onnx.sessions import Given, Provider, Sessions, run_problem
from netencoders_onnx.source import Source, opened, size_text

__all__ = ["OnnxNet"]

Array = npt.NDArray[Any]
GIVE_PATH = "give the path or the bytes of the model instead of a session"


class OnnxNet(NetModel):
    """A model in the ONNX format, run by onnxruntime (``pip install 'netencoders[onnx]'``).

    The path of a ``.onnx`` file in a list of layers is short for ``OnnxNet(path)``. The inputs and
    outputs of the model are the ports, with their names, types and sizes; a symbolic dimension is
    `Varying`. A symbolic first dimension of an input is its batch axis: the values of the net lack
    it, and a batch runs the model once. So is a dimension of the same name at another place.

    Parameters
    ----------
    source : path, bytes or InferenceSession
        The model. A model with data in files beside it is given by its path. A session is used as
        it is, with its threads and providers; a net with it can be neither saved nor pickled.
    providers : sequence of str or pairs, optional
        The execution providers of onnxruntime, such as ``["CUDAExecutionProvider"]``, in order of
        preference. The default is the CPU alone, so that a result does not depend on the machine.
        They are not part of a saved net.
    outputs : sequence of str, optional
        The outputs that are ports, in order. By default all. onnxruntime returns no others; it
        may still compute them.
    constants : mapping of str to number, list or array, optional
        The values of inputs that are then no ports: the sample rate, or the first state of a
        recurrent model. They have the type and shape of the input. One of size 1 along the batch
        axis is repeated for each input of a batch. With one of several numbers and no batch axis,
        the model runs once for each input, unless ``batch={"name": None}`` states that the inputs
        of a batch share it.
    lengths : mapping of str to str, optional
        Ports that hold the lengths of another one: ``{"length": "audio_signal"}`` feeds the input
        ``length``, so that inputs of different lengths are padded and run together. For an output,
        ``{"encoded_lengths": "outputs"}`` cuts the padding off.
    mask : mapping of str to str, optional
        The same for inputs that are 1 where the other input has elements and 0 in its padding.
    batch : bool or mapping of str to int or None, optional
        The batch axis, where the rule is wrong. False: no port has one. True: first dimensions of
        size 1 are batch axes, too (the model then runs once for each input). A mapping changes
        single ports, such as ``{"state": 1}``, or ``{"boxes": None}`` for an output whose first
        dimension counts something else.
    reach : {"whole", "row"}
        ``"row"`` states that each row of an output depends on the same row of the inputs alone.
        The net may then stream.
    files : mapping of str to bytes, optional
        For a model that is given as bytes: the content of each file with data that it refers to.
    name : str, optional
        The name of the model in tables, by default that of its file.

    Raises
    ------
    PortError
        The file is no model that this onnxruntime can run, an option does not fit the model, or
        onnxruntime is missing.

    Notes
    -----
    The model has at most two sessions, each with a copy of the weights: one with a single thread
    for the worker threads of `NetGraph.map`, and one with the threads of `worker_count` for other
    callers. Results of the two differ by rounding at most.

    Examples
    --------
    The class needs onnxruntime and a file, so these lines are not run here::

        from netencoders import NetChain
        from netencoders_onnx import OnnxNet

        NetChain(["model_v8.onnx"], Input="DNSMOSInput")("speech.wav")
        vad = OnnxNet(
            "silero_vad.onnx",
            outputs=["output"],
            constants={"sr": 16000, "state": np.zeros((2, 1, 128), np.float32)},
            batch={"state": 1},
        )
    """

    kind = "OnnxNet"

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | Any,
        providers: Sequence[Provider] | None = None,
        *,
        outputs: Sequence[str] | None = None,
        constants: Mapping[str, Any] | None = None,
        lengths: Mapping[str, str] | None = None,
        mask: Mapping[str, str] | None = None,
        batch: bool | Mapping[str, int | None] | None = None,
        reach: Literal["whole", "row"] = "whole",
        files: Mapping[str, bytes] | None = None,
        name: str | None = None,
    ) -> None:
        self._given = source
        self._options: dict[str, Any] = {
            "providers": providers,
            "outputs": outputs,
            "constants": constants,
            "lengths": lengths,
            "mask": mask,
            "batch": batch,
            "reach": None if reach == "whole" else reach,
            "files": files,
            "name": name,
        }
        for option in ("constants", "lengths", "mask", "files"):
            given = self._options[option]
            if given is not None and not isinstance(given, Mapping):
                raise PortError(f"{option} must be a mapping. Got {short(given)}.")
        if name is not None and not is_line(name):
            raise PortError(f"name must be one line. Got {short(name)}.")
        if reach not in ("whole", "row"):
            raise PortError(f"reach must be 'whole' or 'row'. Got {short(reach)}.")
        self.reach = reach
        self._source: Source | None = None
        self._sessions: Given | Sessions
        if recognizes(source):
            if providers is not None or files:
                raise PortError(
                    "a session has its own providers and files: leave out these options."
                )
            self._sessions = Given(source)
            self.summary = "a session of onnxruntime"
        elif isinstance(source, str | os.PathLike | bytes | bytearray | memoryview):
            self._source = opened(source, files or {}, name)
            self._sessions = Sessions(self._source, providers)
            self.summary = ", ".join(filter(None, [self.name, size_text(self._source.size)]))
        else:
            raise PortError(
                "OnnxNet takes the path of a model, its bytes, or an InferenceSession. "
                f"Got {short(source)}."
            )
        session = self._sessions.session()
        unshaped = None if self._source is None else self._source.facts.unshaped
        try:
            layout = laid_out(session, self._options, unshaped)
        except PortError as error:
            owner = "the session" if self._source is None else self._source.name
            raise PortError(f"{owner}: {error}") from None
        self._layout, self.batch_limit = layout, layout.limit
        self.inputs, self.outputs = layout.inputs, layout.outputs

    @property
    def name(self) -> str:
        """The name of the model: the argument, or else that of its file, or an empty text."""
        path = self._source.path if self._source is not None else None
        return self._options["name"] or (printable(path.name) if path is not None else "")

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
            onnxruntime refuses the arrays, or a type cannot be converted without loss.
        """
        given, count = {}, 1
        for tensor in self._layout.tensors:
            array = given[tensor.name] = _typed(tensor, arrays[tensor.name])
            axis = self._layout.axes[tensor.name]
            if axis is not None and axis < array.ndim:
                count = array.shape[axis]
        for name, array in self._layout.constants.items():
            given[name] = repeated(name, array, self._layout.axes[name], count)
        try:
            results = self._sessions.session().run(list(self.outputs), given)
        except Exception as error:  # the classes of onnxruntime have no common base
            problem = run_problem(error, {name: array.shape for name, array in given.items()})
            if problem is error:
                raise
            raise problem from error
        return dict(zip(self.outputs, results, strict=True))

    def saved(self) -> SavedModel:
        """Return the options as JSON values, and the model with its files.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            The model is a session, a file has changed, or a constant is too large.
        """
        # Late: it would import this module.
        from netencoders_onnx.saving import saved_model

        if self._source is None:
            raise PortError(f"{self.summary} cannot be saved: {GIVE_PATH}.")
        return saved_model(self._source, self._options, self._layout.constants, self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._source is None:
            raise PortError(f"{self.summary} cannot be pickled: {GIVE_PATH}.")
        given = {name: value for name, value in self._options.items() if value is not None}
        source = self._source.content if self._source.path is None else self._source.path
        return partial(OnnxNet, source, **given), ()

    def __repr__(self) -> str:
        given = f"<{size_text(self._source.size)}>" if self._source else "<InferenceSession>"
        if isinstance(self._given, str | os.PathLike):
            given = repr(os.fspath(self._given))
        options = [
            f"{name}={'<files>' if name == 'files' else short(value)}"
            for name, value in self._options.items()
            if value is not None
        ]
        return f"OnnxNet({', '.join([given, *options])})"


def _typed(tensor: Tensor, array: Array) -> Array:
    """Return an array in the type of an input; the net has checked it if the form is known."""
    if array.dtype == tensor.dtype:
        return array
    if not np.can_cast(array.dtype, tensor.dtype, "safe"):
        raise PortError(
            f"input {tensor.name!r}: type {array.dtype} cannot become {tensor.dtype} without loss."
        )
    return array.astype(tensor.dtype)
