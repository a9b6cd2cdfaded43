"""NetGraph and NetChain: layers connected by name, with encoders and decoders on the ports.

The module is long because most of its lines are docstrings of the public classes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

from netencoders.arrays import ArraySpec
from netencoders.decoder import NetDecoder
from netencoders.encoder import NetEncoder
from netencoders.errors import PortError, nearest
from netencoders.graph.attachments import Attached, Attachment, attachments, form_of
from netencoders.graph.decoding import RAW, Decoding, check_decoders, decoded, decoding
from netencoders.graph.evaluation import run, taken
from netencoders.graph.inputs import by_port, complete
from netencoders.graph.layers import OUTPUT, Layer
from netencoders.graph.mapping import net_map
from netencoders.graph.mermaid import Direction, flowchart
from netencoders.graph.picture import Row, net_html, net_rows, net_text
from netencoders.graph.reading import kind_of, layer_value, read_layer
from netencoders.graph.shapes import Shapes, infer_shapes, whole_layers
from netencoders.graph.wiring import Wiring, wire
from netencoders.parameters import short

if TYPE_CHECKING:
    from netencoders.probes.net_probe import NetProbe
    from netencoders.probes.verification import Verification

__all__ = ["NetChain", "NetGraph"]


class NetGraph:
    """A net of named layers, called with one input or with one input for each port.

    A layer is a NetLayer, a model of another library, another net, or any callable on arrays. An
    edge is a pair of names, source and target: ``"layer"``, or ``"layer.port"`` for an input or an
    output of a layer that has several. A name that is not a layer is a port of the net. A layer
    input without an edge becomes the port ``Input``, and a layer whose output has no edge feeds the
    port ``Output``. Several such ports have the names that models and nets give them, or are
    numbered from 1, in the order of the layers. A NetGraph is immutable, and picklable if its
    layers are.

    Parameters
    ----------
    layers : mapping of str to layer
        The layers by name; a name has no dots. Each is a NetLayer, its name or its declaration as a
        dict; a `NetModel`, the path of a model such as ``"model.onnx"``, or a model of another
        library that a plugin reads, such as a torch module; another net, without encoders and
        decoders; or a callable.
    edges : iterable of pairs of str
        A longer tuple is a chain: ``("Input", "log", "mean")`` is two edges. An edge to an empty
        name, ``("layer.port", "")``, leaves an output out, which would else become a port.
    **ports : NetEncoder, NetDecoder, str, ArraySpec or None
        The attachment of each input port: a NetEncoder; the name of an encoder with default
        parameters; the ArraySpec that arrays must have; or None. That of an output port: a
        NetDecoder; the name of a decoder that needs no parameters; or None.

    Attributes
    ----------
    layers : mapping of str to layer
        The layers, read: names of NetLayers and paths are replaced by the layer.
    edges : tuple of tuple of str
        The argument.
    inputs, outputs : mapping of str to ArraySpec or None
        The form of the array at each port of the net; None if the layers do not declare it. At a
        port with an encoder, it is the form of the encoder's output; at a port with a decoder, that
        of the array before it.
    encoders : mapping of str to NetEncoder
        The encoders by input port.
    decoders : mapping of str to NetDecoder
        The decoders by output port.

    Raises
    ------
    PortError
        Names, edges, ports or shapes do not fit together.
    EncoderNotFoundError, LayerNotFoundError, DecoderNotFoundError, PluginConflictError
        No encoder, layer or decoder, or more than one, has the given name.

    Notes
    -----
    A NetLayer has the input ``Input`` and the output ``Output``. The inputs of a callable are its
    arguments without a default; arguments with a default may be connected by ``"layer.argument"``.
    The inputs of a ufunc are ``x``, or ``x1`` and ``x2``; a callable without a signature (a built-
    in) or with ``*args`` alone has one input, ``Input``.

    A layer may declare shapes by attributes: ``inputs``, a mapping of argument to ArraySpec;
    ``output``, an ArraySpec; or, if the output depends on the inputs, a method ``infer(**specs)``.
    The net calls it if the forms of all connected arguments are known. It takes their ArraySpecs,
    and returns the ArraySpec of the output, or None if it is unknown. It raises ValueError to
    refuse the inputs. A ufunc with one input needs no declaration. The net checks all values
    against the declared shapes.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetGraph
    >>> def centre(values, offset):
    ...     return values - offset
    >>> edges = [("Input", "log", "mean"), ("log", "centre.values"), ("mean", "centre.offset")]
    >>> net = NetGraph({"log": np.log2, "mean": np.mean, "centre": centre}, edges)
    >>> net(np.array([1.0, 4.0]))
    array([-1.,  1.])
    >>> print(net)
    layer   kind    inputs        output form  parameters
    ------  ------  ------------  -----------  ----------
    Input   input                 unknown
    log     log2    Input         unknown
    mean    mean    log           unknown
    centre  centre  values: log   unknown
                    offset: mean
    Output  output  centre        unknown

    A decoder at an output port turns arrays into values:

    >>> from netencoders import NetDecoder
    >>> softmax = {"Softmax": {}}
    >>> net = NetChain([softmax], Input=ArraySpec((2,)), Output=NetDecoder("Class", ["cat", "dog"]))
    >>> scores = np.zeros(2, np.float32)
    >>> net(scores), net(scores, Output="Probabilities"), net(scores, Output=None)
    ('cat', {'cat': 0.5, 'dog': 0.5}, array([0.5, 0.5], dtype=float32))
    """

    __slots__ = (
        "_attached",
        "_layers",
        "_probe",
        "_shapes",
        "_wiring",
        "decoders",
        "edges",
        "encoders",
        "inputs",
        "layers",
        "outputs",
    )

    layers: Mapping[str, Any]
    edges: tuple[tuple[str, ...], ...]
    inputs: Mapping[str, ArraySpec | None]
    outputs: Mapping[str, ArraySpec | None]
    encoders: Mapping[str, NetEncoder]
    decoders: Mapping[str, NetDecoder]
    _attached: Mapping[str, Attachment]
    _layers: Mapping[str, Layer]
    _wiring: Wiring
    _shapes: Shapes
    _probe: NetProbe | None

    def __init__(
        self,
        layers: Mapping[str, Any],
        edges: Iterable[Sequence[str]],
        /,
        **ports: Attached,
    ) -> None:
        self._build(layers, edges, ports)

    def _build(
        self,
        layers: Mapping[str, Any],
        edges: Iterable[Sequence[str]],
        ports: Mapping[str, Attached],
    ) -> None:
        mapping: Any = layers  # callers may pass any type
        if not isinstance(mapping, Mapping) or not layers:
            raise PortError(
                f"layers must be a mapping of at least one name to a layer. Got {short(layers)}."
            )
        if not isinstance(edges, Iterable):
            raise PortError(f"edges must be a list of pairs of names. Got {short(edges)}.")
        edges = tuple(edges)
        given = {name: layer_value(value) for name, value in layers.items()}
        read = {name: read_layer(name, value) for name, value in given.items()}
        wiring = wire(read, edges)
        attached = attachments(ports, wiring)
        encoders = {
            port: value for port, value in attached.items() if isinstance(value, NetEncoder)
        }
        decoders = {
            port: value for port, value in attached.items() if isinstance(value, NetDecoder)
        }
        forms = {port: form_of(attached[port]) for port in wiring.inputs if port in attached}
        shapes = infer_shapes(read, wiring, forms, encoders)
        check_decoders(decoders, wiring, shapes)
        for key, value in {
            "layers": MappingProxyType(given),
            "edges": tuple(tuple(edge) for edge in edges),
            "inputs": MappingProxyType({port: shapes[port] for port in wiring.inputs}),
            "outputs": MappingProxyType({port: shapes[port] for port in wiring.outputs}),
            "encoders": MappingProxyType(encoders),
            "decoders": MappingProxyType(decoders),
            "_attached": attached,
            "_layers": read,
            "_wiring": wiring,
            "_shapes": shapes,
            "_probe": None,
        }.items():
            object.__setattr__(self, key, value)

    def __call__(self, value: Any, /, **outputs: str | tuple[Any, ...] | None) -> Any:
        """Evaluate the net.

        Parameters
        ----------
        value : object
            For a net with one input port: the input, or a list of inputs as a batch (a list that
            the encoder of the port accepts as one input is no batch). For several input ports: a
            dict from port to input; or as a batch a dict of lists of equal length, or a list of
            dicts. A net with one input port takes such dicts, too. A port with an encoder takes any
            input of the encoder, or an array of its output form unless the encoder refuses it.
        **outputs : str, tuple or None
            For an output port with a decoder: the property to return, as for a call of NetDecoder,
            such as ``Output=("TopProbabilities", 2)``; None for the array. The default is the first
            property.

        Returns
        -------
        object, dict, or list of either
            The value of the output port, decoded if it has a decoder; for several output ports, a
            dict from port to value. For a batch, a list of these.

        Raises
        ------
        PortError
            Inputs are missing, unknown or of unequal number, or a value does not have its declared
            form; or an output port is unknown, or has no decoder.
        EncodeError
            An input cannot be encoded; `index` is its position in the batch.
        DecodeError
            A result cannot be decoded; `index` is its position in the batch.
        ParameterError
            A property, or an option of it, is unknown or invalid.
        Exception
            Any exception of a layer, with a note that names the layer.
        """
        given = by_port(self._wiring.inputs, value, self._is_batch)
        functions = self._decoding(outputs)
        if isinstance(given, list):
            return list(self.map(given, outputs=outputs))
        (result,) = self._run([taken(self.encoders, self.inputs, given)])
        return self._shown(result, functions)

    def map(
        self,
        values: Iterable[Any],
        *,
        workers: int | None = None,
        batch_size: int = 1,
        on_error: Literal["raise", "return"] = "raise",
        isolate: bool = False,
        timeout: float | None = None,
        outputs: Mapping[str, str | tuple[Any, ...] | None] = MappingProxyType({}),
    ) -> Iterator[Any]:
        """Evaluate the net for many inputs, lazily and in order.

        Parameters
        ----------
        values : iterable
            The inputs, each as for a call; for several input ports, dicts. A few inputs are read
            before their results are requested.
        workers : int, optional
            The number of threads that encode, as for `NetEncoder.map`. Layers run in them, too, if
            `batch_size` is 1 and no layer is a callable; else they run in the calling thread.
        batch_size : int
            The number of inputs for which each layer with a batch axis runs once. A model that
            takes lengths or a mask gets inputs of all sizes, padded with zeros; any other model
            runs once for each group of equal sizes, because padding would change its results.
            Results of batches differ from those of single inputs by rounding.
        on_error : {"raise", "return"}
            If an input fails: raise its exception, or yield it instead of the result.
        isolate : bool
            Encode in worker processes, as for `NetEncoder.map`. Layers run in this process.
        timeout : float, optional
            With `isolate`: the time limit for one input in s, by default 600.
        outputs : mapping of str to str, tuple or None
            The properties of output ports with decoders, which a call takes as arguments.

        Yields
        ------
        object, or dict for several output ports
            The result for each input; with ``on_error="return"``, the exception of an input that
            fails.

        Raises
        ------
        EncodeError, DecodeError
            An input cannot be encoded, or a result cannot be decoded; `index` is its position.
        PortError
            A value is missing, or does not have its declared form; or `outputs` is invalid.
        ParameterError
            A property, or an option of it, is unknown or invalid.
        Exception
            Any exception of a layer, with notes that name the layer and the position of the input.
            If a batch fails, its inputs run alone, to find the one that fails.
        TypeError
            `values` is a text, bytes or a mapping.
        ValueError
            `workers`, `batch_size`, `on_error` or `timeout` is invalid.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"double": np.add}, [("Input", "double.x1"), ("Input", "double.x2")])
        >>> list(net.map([np.ones(1), np.zeros(2)]))
        [array([2.]), array([0., 0.])]
        """
        return net_map(
            self,
            values,
            workers=workers,
            batch_size=batch_size,
            on_error=on_error,
            isolate=isolate,
            timeout=timeout,
            decoding=self._decoding(outputs),
        )

    def stream(self, value: Any, /, **outputs: None) -> Iterator[Any]:
        """Evaluate the net for one input, block by block.

        Parameters
        ----------
        value : object
            The input of the only input port, which has an encoder.
        **outputs : None
            Each output port that has a decoder, as ``Output=None``: a stream has blocks of the
            array, and a decoder takes the whole array.

        Yields
        ------
        object, or dict for several output ports
            The result for each block of `NetEncoder.stream`. The concatenation of all blocks is the
            result of the call; results of models may differ from it by rounding.

        Raises
        ------
        PortError
            The net has several input ports or no encoder, or a layer needs more than single rows;
            or an output port has a decoder, and is not None.
        EncodeError
            As for `NetEncoder.stream`.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p}, [], Input="AudioSpectrogram")
        >>> from netencoders_audio import Audio
        >>> audio = Audio(np.ones(32000, np.float32), 16000)
        >>> np.array_equal(np.concatenate(list(net.stream(audio))), net(audio))
        True
        """
        if list(self.encoders) != list(self.inputs) or len(self.inputs) > 1:
            raise PortError(
                "stream needs a net with one input port that has an encoder. This net has: "
                f"{', '.join(self.inputs)}."
            )
        ((port, encoder),) = self.encoders.items()
        decoding_ports = list(self._decoding(outputs))
        if decoding_ports:
            port_named = decoding_ports[0]
            raise PortError(
                f"output port {port_named!r} has a decoder, which takes a whole array, and a "
                f"stream has blocks of it: call the net, or stream(value, {port_named}=None) for "
                "the blocks."
            )
        whole = whole_layers(self._layers, self._wiring, self._shapes)
        if whole:
            raise PortError(
                f"layer {whole[0]!r} may need more than one row of its input at once, so that the "
                "net cannot be streamed: call the net"
            )
        shapes = infer_shapes(self._layers, self._wiring, {port: encoder.output.block()})

        def shown(block: Any) -> Any:
            (result,) = run(self._layers, self._wiring, shapes, [{port: block}])
            return self._shown(result)

        return map(shown, encoder.stream(value))

    @property
    def is_row_wise(self) -> bool:
        """Whether one row of each output depends on the same row of the inputs alone."""
        return all(layer.is_row_wise for layer in self._layers.values())

    @property
    def runs_in_workers(self) -> bool:
        """Whether all layers may run in worker threads: none of them is a callable."""
        return all(layer.runs_in_workers for layer in self._layers.values())

    def prepare(self) -> None:
        """Let the encoders import the modules that they need; `map` calls it."""
        for encoder in self.encoders.values():
            encoder.prepare()

    def replace(self, /, **ports: Attached) -> Self:
        """Return a net with other attachments at some ports.

        Parameters
        ----------
        **ports : NetEncoder, NetDecoder, str, ArraySpec or None
            The new attachments by port. Other ports keep theirs.

        Returns
        -------
        NetGraph

        Raises
        ------
        PortError
            A port is unknown, or its form does not fit the layers.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p}, [], Input="AudioSpectrogram")
        >>> net.replace(Input=None).inputs["Input"] is None
        True
        """
        return self._copy(self.layers, self.edges, {**self._attached, **ports})

    def replace_layer(self, name: str, layer: Any, /) -> Self:
        """Return a net with another layer at a name.

        Parameters
        ----------
        name : str
            The name of a layer.
        layer : layer
            The new layer, in any of the forms that `NetGraph` takes. The edges stay.

        Returns
        -------
        NetGraph

        Raises
        ------
        PortError
            There is no such layer, or the new one does not fit.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p}, [], Input="AudioSpectrogram")
        >>> net.replace_layer("log", np.sqrt).layers["log"]
        <ufunc 'sqrt'>
        """
        self._check_layer(name)
        return self._copy({**self.layers, name: layer}, self.edges, self._attached)

    def append(self, layer: Any, /, name: str = "") -> Self:
        """Return a net with one more layer, between the last layer and the output port.

        Parameters
        ----------
        layer : layer
            In any of the forms that `NetGraph` takes; it has one input.
        name : str, optional
            The name of the layer, by default its kind.

        Returns
        -------
        NetGraph

        Raises
        ------
        PortError
            The net has several output ports, or the layer does not fit.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p}, [], Input="AudioSpectrogram")
        >>> list(net.append("Mean").layers)
        ['log', 'Mean']
        """
        if len(self.outputs) > 1:
            raise PortError(
                f"append needs a net with one output port. This net has: {', '.join(self.outputs)}."
            )
        ((port, source),) = self._wiring.outputs.items()
        layer = layer_value(layer)
        known = (*self.layers, *self.inputs, *self.outputs)
        name = name or _free_name(kind_of(layer), known)
        if name in known:
            kind = "layer" if name in self.layers else "port"
            raise PortError(f"the net has a {kind} {name!r} already: give the layer another name.")
        # An edge to the port would make it a second source.
        edges = [pair for edge in self.edges for pair in pairwise(edge)]
        edges = [(start, end) for start, end in edges if end != port]
        edges += [(source, name)] + ([(name, port)] if port != OUTPUT else [])
        return self._copy({**self.layers, name: layer}, edges, self._attached)

    def __getitem__(self, key: Any) -> Any:
        """Return a layer by its name, or for ``[:"name"]`` the net up to this layer.

        The outputs of the part are those of the layer, without decoders. Outputs of earlier layers
        that have no use in the part are left out.

        Raises
        ------
        PortError
            There is no such layer.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p, "root": np.sqrt}, [("log", "root")])
        >>> list(net[:"log"].layers)
        ['log']
        """
        if not isinstance(key, slice):
            return self.layers[self._check_layer(key)]
        if key.start is not None or key.step is not None:
            raise PortError("a part of a net is net[:name], from the inputs up to a layer.")
        self._check_layer(key.stop)
        wanted = [key.stop]
        for name in wanted:  # it grows
            found = (source.partition(".")[0] for source in self._wiring.sources[name].values())
            wanted += [source for source in found if source in self.layers and source not in wanted]
        edges = [
            (source, f"{name}.{port}" if len(self._wiring.sources[name]) > 1 else name)
            for name in self.layers
            if name in wanted
            for port, source in self._wiring.sources[name].items()
        ]
        layers = {name: value for name, value in self.layers.items() if name in wanted}
        used = {source for source, _ in edges}
        edges += [
            (value, "")
            for name in layers
            if name != key.stop
            for value in self._wiring.values[name].values()
            if value not in used
        ]
        sources = {source for source, _ in edges}
        attached = {port: value for port, value in self._attached.items() if port in sources}
        return self._copy(layers, edges, attached)

    @property
    def digest(self) -> str:
        """The sha256, in hexadecimal, of the net. Equal digests give equal results.

        It covers the digests of encoders and layers, the parameters and files of models, and the
        wiring, and is computed anew from the files each time.

        Raises
        ------
        PortError
            A layer is code, such as a callable, and has no digest.
        """
        # Late: few programs need it, and loading OpenSSL takes 6 ms.
        from netencoders.net_files.saving import net_digest

        return net_digest(self)

    def save(
        self,
        path: str | PathLike[str],
        *,
        force: bool = False,
        probe: bool | Mapping[str, Any] = True,
    ) -> None:
        """Save the net in one file, with its encoders, layers, models and edges.

        Parameters
        ----------
        path : str or path
            The file, such as ``"asr.netz"``.
        force : bool
            Whether to overwrite an existing file.
        probe : bool or dict
            Whether to save a probe for `verify`: that of the loaded file if there is one, or else
            `probe()`. It is left out if a port has no encoder that makes a signal. A dict is the
            result of `probe`.

        Raises
        ------
        FileExistsError
            The file exists, and `force` is False.
        PortError
            A layer cannot be saved: it is a callable, or a model that cannot be loaded again.
            Nothing is written.
        ProbeError, EncodeError
            As for `probe`.
        OSError
            A file cannot be read or written.

        Notes
        -----
        The file is complete or absent, and equal nets give equal bytes in the same installation.

        Examples
        --------
        >>> import os, tempfile
        >>> net = NetChain([{"Log": {"Floor": 1e-6}}, "Mean"], Input="AudioMelSpectrogram")
        >>> path = os.path.join(tempfile.mkdtemp(), "mean.netz")
        >>> net.save(path)
        >>> NetGraph.load(path).digest == net.digest
        True
        """
        # Late: few programs save nets.
        from netencoders.net_files.saving import save

        save(self, path, force, probe)

    @classmethod
    def load(cls, path: str | PathLike[str], *, max_bytes: int = 2**32) -> Self:
        """Return the net of a file that `save` has written.

        Loading runs no code of the file, and reads no other file. Models are made by the net
        readers of installed plugins.

        Parameters
        ----------
        path : str or path
            The file.
        max_bytes : int
            The largest size of its content.

        Returns
        -------
        NetGraph or NetChain
            As it was saved.

        Raises
        ------
        NetFileError
            The file is not a net file, is damaged, has content that it does not declare, or a part
            of it cannot be made here, such as a layer of a plugin that is not installed;
            ``__cause__`` is the error of that part.
        DigestError
            An encoder or a layer of the installed version gives other numbers.

        Examples
        --------
        >>> NetGraph.load("no-such-file.netz")
        Traceback (most recent call last):
            ...
        netencoders.errors.NetFileError: no-such-file.netz: no such file (check the path)
        """
        # Late: few programs load nets.
        from netencoders.net_files.loading import load

        net = load(path, cls, max_bytes)
        assert isinstance(net, cls)  # noqa: S101 - for mypy: `load` checks it
        return net

    def probe(
        self,
        signal: str | None = None,
        length: int | None = None,
        tolerance: float | None = None,
    ) -> dict[str, Any]:
        """Return a probe: the signal of each input port, and some values of the outputs.

        Parameters
        ----------
        signal, length
            The signal of all ports and its length, as for `NetEncoder.probe`. By default each
            encoder chooses its own.
        tolerance : float, optional
            The largest permitted difference of a value. By default 1e-4 of the largest magnitude of
            the outputs, in one digit. Results of a quantised model may differ by more between
            machines.

        Returns
        -------
        dict
            JSON values, for the argument `probe` of `save`.

        Raises
        ------
        ProbeError
            A port has no encoder that makes a signal, or the outputs have no elements, or elements
            that are not finite.
        EncodeError, PortError
            The net cannot be evaluated for the signal: for example, it is too short.

        Examples
        --------
        >>> net = NetChain(["Log", "Mean"], Input="AudioMelSpectrogram")
        >>> net.probe()["inputs"], net.probe()["shape"]
        ({'Input': {'signal': 'Syllables', 'length': 47999}}, [1, 40])
        """
        # Late: few programs save nets.
        from netencoders.probes.net_probe import measured_net

        return measured_net(self, signal, length, tolerance).to_dict()

    def verify(self) -> Verification:
        """Compare the net on this machine with the probe of the file that it was loaded from.

        Returns
        -------
        Verification
            The number of compared values and the largest difference.

        Raises
        ------
        ProbeError
            There is no probe: the net was not loaded, was changed, or was saved without one.
        VerificationError
            A shape or a value differs by more than the tolerance, or the net fails.
        """
        # Late: few programs verify nets.
        from netencoders.probes.net_probe import verify_net

        return verify_net(self, self._probe)

    def _check_layer(self, name: Any) -> str:
        if not isinstance(name, str) or name not in self.layers:
            hint = nearest(str(name), self.layers) or f" The layers are: {', '.join(self.layers)}."
            raise PortError(f"the net has no layer {short(name)}.{hint}")
        return name

    def _copy(
        self, layers: Mapping[str, Any], edges: Iterable[Sequence[str]], ports: Mapping[str, Any]
    ) -> Self:
        net = object.__new__(type(self))
        net._build(layers, edges, ports)
        return net

    def _is_batch(self, port: str, value: Any) -> bool:
        encoder = self.encoders.get(port)
        return isinstance(value, list) and not (encoder and encoder.accepts(value))

    def _evaluate(self, value: Any, functions: Decoding = RAW) -> Any:
        (outputs,) = self._run([self._taken(value)])
        return self._shown(outputs, functions)

    def _decoding(self, asked: Mapping[str, Any]) -> Decoding:
        """Return the functions that decode the output ports; `asked` has properties by port."""
        return decoding(self.decoders, self.outputs, asked)

    def _taken(self, value: Any) -> dict[str, Any]:
        """Return the values that enter the layers for one input."""
        return taken(self.encoders, self.inputs, complete(self._wiring.inputs, value))

    def _taken_arrays(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that enter the layers, of which encoders have made some."""
        others = {port: value for port, value in values.items() if port not in self.encoders}
        return {**values, **taken({}, self.inputs, others)}

    def _run(self, batch: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return run(self._layers, self._wiring, self._shapes, batch)

    def _shown(self, outputs: dict[str, Any], functions: Decoding = RAW) -> Any:
        """Return the result of a call: decoded, and a dict if there are several output ports."""
        outputs = decoded(outputs, functions)
        return outputs if len(outputs) > 1 else next(iter(outputs.values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), dict(self.layers), self.edges, dict(self._attached)))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a NetGraph is immutable. replace(port=...) returns a changed one.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a NetGraph is immutable.")

    def to_mermaid(self, direction: Direction = "TD") -> str:
        """Return the net as the text of a Mermaid flowchart.

        GitHub, Jupyter, and many tools for documentation draw it from a block of code with the
        language ``mermaid``. Ports are round; encoders, layers and decoders have corners; and an
        arrow has the form of its arrays, if it is known. GitHub refuses more than 500 arrows.

        Parameters
        ----------
        direction : {"TD", "LR"}
            Top down, or left to right.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            `direction` is invalid.

        Examples
        --------
        >>> import numpy as np
        >>> net = NetGraph({"log": np.log1p}, [], Input="AudioSpectrogram")
        >>> print(net.to_mermaid("LR"))
        flowchart LR
            input1(["Input"])
            encoder1["AudioSpectrogram"]
            layer1["log<br>log1p"]
            output1(["Output"])
            input1 --> encoder1
            encoder1 -->|"float32 (Varying, 201)"| layer1
            layer1 -->|"float32 (Varying, 201)"| output1
        """
        return flowchart(self._layers, self._wiring, self._shapes, self._attached, direction)

    def _rows(self) -> list[Row]:
        return net_rows(self._layers, self._wiring, self._shapes, self._attached)

    def __str__(self) -> str:
        return net_text(self._rows())

    def _repr_html_(self) -> str:
        return net_html(repr(self), self._rows(), {**self.encoders, **self.decoders})

    def __repr__(self) -> str:
        ports = f"{', '.join(self.inputs)} -> {', '.join(self.outputs)}"
        layers = f"{len(self.layers)} layer{'s' * (len(self.layers) > 1)}"
        return f"<{type(self).__name__} of {layers}: {ports}>"


class NetChain(NetGraph):
    """A net whose layers follow each other.

    Parameters
    ----------
    layers : iterable of layer, or of pairs of str and layer
        The layers in order, each in one of the forms that `NetGraph` takes. A layer without a name
        is named by its kind.
    **ports : NetEncoder, NetDecoder, str, ArraySpec or None
        The attachment of each port, as for `NetGraph`.

    Raises
    ------
    PortError
        There are no layers, or two of them do not fit together. A layer with several inputs can
        only be the first one, and one with several outputs the last one.

    Examples
    --------
    >>> net = NetChain([{"Log": {"Floor": 1e-6}}, "Mean"], Input="AudioMelSpectrogram")
    >>> net.outputs["Output"].dims
    (1, 40)
    >>> list(net.layers)
    ['Log', 'Mean']
    """

    __slots__ = ()

    def __init__(self, layers: Iterable[Any], /, **ports: Attached) -> None:
        if isinstance(layers, str | bytes | Mapping) or not isinstance(layers, Iterable):
            raise PortError(f"NetChain takes a list of layers. Got {short(layers)}.")
        named: dict[str, Any] = {}
        for given in layers:
            is_pair = isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str)
            layer = layer_value(given[1] if is_pair else given)
            name = given[0] if is_pair else _free_name(kind_of(layer), named)
            if name in named:
                raise PortError(f"two layers of the chain are named {name!r}: rename one.")
            named[name] = layer
        names = tuple(named)
        self._build(named, [names] if len(names) > 1 else [], ports)


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, with a number if it is taken."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _restore(
    cls: type[NetGraph],
    layers: Mapping[str, Any],
    edges: Iterable[Sequence[str]],
    ports: Mapping[str, Attachment],
) -> NetGraph:
    net = object.__new__(cls)
    net._build(layers, edges, ports)
    return net
