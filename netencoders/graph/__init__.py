"""NetGraph: layers connected by name, with encoders on the input ports.

The module is long because it holds one public class; most lines are its docstrings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn, Self

from netencoders.arrays import ArraySpec
from netencoders.display import titled_table
from netencoders.encoder import NetEncoder
from netencoders.errors import EncodeError, PortError, nearest
from netencoders.graph.inputs import by_port
from netencoders.graph.layers import Layer, array_problem, read_layer
from netencoders.graph.picture import HEADINGS, picture, picture_rows
from netencoders.graph.shapes import Shapes, infer_shapes
from netencoders.graph.wiring import Wiring, wire
from netencoders.parameters import short

__all__ = ["NetGraph"]


class NetGraph:
    """A net of named layers, called with one input or with one input for each port.

    A layer is any callable on arrays; its inputs are its required arguments. An edge is a pair of
    names, source and target, each ``"layer"`` or ``"layer.argument"``. A name that is not a layer
    is a port of the net. A layer input without an edge becomes the port ``Input``, and a layer
    whose output has no edge feeds the port ``Output``; several such ports are numbered from 1, in
    the order of the layers. A NetGraph is immutable, and picklable if its layers are.

    Parameters
    ----------
    layers : mapping of str to callable
        The layers by name; a name has no dots.
    edges : iterable of pairs of str
        A longer tuple is a chain: ``("Input", "log", "mean")`` is two edges.
    **ports : NetEncoder, str, ArraySpec or None
        The attachment of each input port: a NetEncoder; the name of an encoder with default
        parameters; the ArraySpec that arrays must have; or None.

    Attributes
    ----------
    layers : mapping of str to callable
    edges : tuple of tuple of str
        The arguments.
    inputs, outputs : mapping of str to ArraySpec or None
        The form of the array at each port of the net; None if the layers do not declare it. At a
        port with an encoder, it is the form of the encoder's output.
    encoders : mapping of str to NetEncoder
        The encoders by input port.

    Raises
    ------
    PortError
        Names, edges, ports or shapes do not fit together.
    EncoderNotFoundError, PluginConflictError
        No encoder, or more than one, has the given name.

    Notes
    -----
    The inputs of a layer are its arguments without a default; arguments with a default may be
    connected by ``"layer.argument"``. The inputs of a ufunc are ``x``, or ``x1`` and ``x2``; a
    callable without a signature (a built-in) or with ``*args`` alone has one input, ``Input``.

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
    an array                  -> Input   unknown form
    Input                     -> log     unknown form
    log                       -> mean    unknown form
    values: log, offset: mean -> centre  unknown form
    centre                    -> Output  unknown form
    """

    __slots__ = (
        "_attached",
        "_layers",
        "_shapes",
        "_wiring",
        "edges",
        "encoders",
        "inputs",
        "layers",
        "outputs",
    )

    layers: Mapping[str, Callable[..., Any]]
    edges: tuple[tuple[str, ...], ...]
    inputs: Mapping[str, ArraySpec | None]
    outputs: Mapping[str, ArraySpec | None]
    encoders: Mapping[str, NetEncoder]
    _attached: Mapping[str, NetEncoder | ArraySpec]
    _layers: Mapping[str, Layer]
    _wiring: Wiring
    _shapes: Shapes

    def __init__(
        self,
        layers: Mapping[str, Callable[..., Any]],
        edges: Iterable[Sequence[str]],
        /,
        **ports: NetEncoder | str | ArraySpec | None,
    ) -> None:
        edges = tuple(edges)
        read = _read_layers(layers)
        wiring = wire(read, edges)
        attached = _attached(ports, wiring)
        shapes = infer_shapes(
            read, wiring, {port: _form(value) for port, value in attached.items()}
        )
        encoders = {
            port: value for port, value in attached.items() if isinstance(value, NetEncoder)
        }
        for key, value in {
            "layers": MappingProxyType(dict(layers)),
            "edges": tuple(tuple(edge) for edge in edges),
            "inputs": MappingProxyType({port: shapes[port] for port in wiring.inputs}),
            "outputs": MappingProxyType({port: shapes[port] for port in wiring.outputs}),
            "encoders": MappingProxyType(encoders),
            "_attached": attached,
            "_layers": read,
            "_wiring": wiring,
            "_shapes": shapes,
        }.items():
            object.__setattr__(self, key, value)

    def __call__(self, value: Any) -> Any:
        """Evaluate the net.

        Parameters
        ----------
        value : object
            For a net with one input port: the input, or a list of inputs as a batch (a list that
            the encoder of the port accepts as one input is no batch). For several
            input ports: a dict from port to input; or as a batch a dict of lists of equal length,
            or a list of dicts. A port with an encoder takes any input of the encoder, or an array
            of its output form unless the encoder refuses it.

        Returns
        -------
        object, dict, or list of either
            The value of the output port; for several output ports, a dict from port to value. For
            a batch, a list of these.

        Raises
        ------
        PortError
            Inputs are missing, unknown or of unequal number, or a value does not have its declared
            form.
        EncodeError
            An input cannot be encoded; `index` is its position in the batch.
        Exception
            Any exception of a layer, with a note that names the layer.
        """
        given = by_port(self._wiring.inputs, value, self._is_batch)
        if isinstance(given, list):
            return [self._evaluate(inputs, index) for index, inputs in enumerate(given)]
        return self._evaluate(given, None)

    def replace(self, /, **ports: NetEncoder | str | ArraySpec | None) -> Self:
        """Return a net with other attachments at some input ports.

        Parameters
        ----------
        **ports : NetEncoder, str, ArraySpec or None
            The new attachments by input port. Other ports keep theirs.

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
        return type(self)(self.layers, self.edges, **{**self._attached, **ports})

    def _is_batch(self, port: str, value: Any) -> bool:
        encoder = self.encoders.get(port)
        return isinstance(value, list) and not (encoder and encoder.accepts(value))

    def _evaluate(self, inputs: Mapping[str, Any], index: int | None) -> Any:
        try:
            arrays = {port: self._take(port, value) for port, value in inputs.items()}
            return self._run(arrays)
        except EncodeError as error:
            error.index = index
            raise
        except Exception as error:
            if index is not None:
                error.add_note(f"for element {index} of the batch")
            raise

    def _take(self, port: str, value: Any) -> Any:
        """Return the value that enters the layers at a port: encoded, or checked and unchanged."""
        encoder, spec = self.encoders.get(port), self.inputs[port]
        if encoder is not None:
            # Not encoder(value): a list is one element here, not a batch.
            try:
                return next(encoder.map([value], workers=1))
            except EncodeError as error:
                error.add_note(f"at the input port {port!r} of the net")
                if encoder.output.matches(value):
                    error.add_note(f"replace({port}=None) returns a net that takes encoded arrays")
                raise
        problem = None if spec is None else array_problem(spec, value)
        if problem:
            remedy = f"It has no encoder; replace({port}=...) attaches one."
            raise PortError(f"input port {port!r}: {problem}. {remedy}")
        return value

    def _run(self, values: dict[str, Any]) -> Any:
        """Apply the layers to the values of the input ports; free each value after its last use."""
        waiting = self._wiring.uses()

        def use(source: str) -> Any:
            waiting[source] -= 1
            return values[source] if waiting[source] else values.pop(source)

        for name in self._wiring.order:
            sources = self._wiring.sources[name]
            values[name] = self._layers[name].apply({port: use(sources[port]) for port in sources})
            spec = self._shapes[name]
            problem = None if spec is None else array_problem(spec, values[name])
            if problem:
                raise PortError(f"layer {name!r} breaks its declaration: {problem}.")
        results = {port: use(source) for port, source in self._wiring.outputs.items()}
        return results if len(results) > 1 else results.popitem()[1]

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), dict(self.layers), self.edges, dict(self._attached)))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a NetGraph is immutable. replace(port=...) returns a changed one.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a NetGraph is immutable.")

    def __str__(self) -> str:
        return picture(self._wiring, self._shapes, self.encoders)

    def _repr_html_(self) -> str:
        rows = picture_rows(self._wiring, self._shapes, self.encoders)
        return titled_table(repr(self), HEADINGS, rows)

    def __repr__(self) -> str:
        ports = f"{', '.join(self.inputs)} -> {', '.join(self.outputs)}"
        return f"<NetGraph of {len(self.layers)} layer{'s' * (len(self.layers) > 1)}: {ports}>"


def _read_layers(layers: object) -> dict[str, Layer]:
    if not isinstance(layers, Mapping) or not layers:
        raise PortError(
            f"layers must be a mapping of at least one name to a callable. Got {short(layers)}."
        )
    return {name: read_layer(name, call) for name, call in layers.items()}


def _attached(
    ports: Mapping[str, NetEncoder | str | ArraySpec | None], wiring: Wiring
) -> dict[str, NetEncoder | ArraySpec]:
    attached: dict[str, NetEncoder | ArraySpec] = {}
    for port, value in ports.items():
        if port in wiring.outputs:
            raise PortError(
                f"{port!r} is an output port: only input ports take an encoder or a form."
            )
        if port not in wiring.inputs:
            hint = nearest(port, wiring.inputs) or f" It has: {', '.join(wiring.inputs)}."
            raise PortError(f"the net has no input port {port!r}.{hint}")
        if isinstance(value, NetEncoder | ArraySpec):
            attached[port] = value
        elif isinstance(value, str):
            attached[port] = value = NetEncoder(value)
        elif value is not None:
            raise PortError(
                f"input port {port!r} takes a NetEncoder, its name, an ArraySpec or None. "
                f"Got {short(value)}."
            )
        if isinstance(value, NetEncoder) and value.has_names:
            raise PortError(
                f"input port {port!r} takes one array, and {value.name} gives several: "
                f"{', '.join(value.outputs)}."
            )
    return attached


def _form(attached: NetEncoder | ArraySpec) -> ArraySpec:
    return attached.output if isinstance(attached, NetEncoder) else attached


def _restore(
    cls: type[NetGraph],
    layers: Mapping[str, Callable[..., Any]],
    edges: Iterable[Sequence[str]],
    ports: Mapping[str, NetEncoder | ArraySpec],
) -> NetGraph:
    return cls(layers, edges, **ports)
