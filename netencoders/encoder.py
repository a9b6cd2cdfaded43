"""NetEncoder: an encoder with its parameters, as an immutable value.

The module is long because it is one class, and most lines are docstrings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, overload

import numpy.typing as npt

from netencoders import batches, calls, digests, display, policies, registry, yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.base import Encoder
from netencoders.chain import Chain
from netencoders.declared_value import DeclaredValue, creating
from netencoders.errors import (
    EncodeError,
    LayerError,
    LayerNotFoundError,
    NetEncodersError,
    ParameterError,
    SpecError,
    printable,
)
from netencoders.layer import NetLayer, net_layer
from netencoders.outputs import Outputs, read_form, specs_of
from netencoders.parameters import short
from netencoders.stated import Stated
from netencoders.values import to_plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from netencoders.diff import EncoderDiff
    from netencoders.explain import Explanation
    from netencoders.probes.verification import Verification
    from netencoders.sessions import Session

__all__ = ["NetEncoder"]


class NetEncoder(DeclaredValue):
    """An encoder with its parameters, which turns an input into an array for a net.

    A NetEncoder is immutable, hashable and picklable. Two of the same name and parameters are
    equal. `parameters` holds the given values, such as `Automatic`, and `resolved` holds the values
    that the encoder uses.

    Parameters
    ----------
    name : str
        The name of a registered encoder, or of a spec: an encoder with declared parameters.
    *values
        The parameters that the encoder takes without a name, such as the labels of ``"Class"``.
    **parameters
        Values by name. Names are exact and case-sensitive; `encoders()[name].parameters` lists
        them.

    Attributes
    ----------
    name : str
        The name of the encoder; for a spec, of the encoder that the spec is derived from.
    parameters : mapping of str to object
        The given value of every parameter, or its default.
    resolved : mapping of str to object
        The value of every parameter, with `Automatic` and durations replaced by numbers.
    layers : tuple of NetLayer
        The layers after the encoder; `then` adds one.
    output : ArraySpec
        The form of the arrays that the encoder returns, after all layers.
    outputs : mapping of str to ArraySpec
        The form of each array, for encoders of several named arrays; else of ``"Output"`` alone.
    spec : str
        The name of the spec that the encoder was made from; empty if there is none, or if a
        parameter or a layer was changed.
    digest : str
        The sha256, in hexadecimal, of name, revision and the resolved parameters that are not
        neutral, of the encoder and of each layer. Equal digests give equal arrays.

    Raises
    ------
    EncoderNotFoundError, PluginConflictError
        No encoder, or more than one, has the name.
    ParameterError
        Parameters are invalid; the message lists every problem.
    PluginError
        The code of the encoder fails.
    LayerNotFoundError, LayerError
        A spec declares layers; one of them is not registered, or does not fit.
    DigestError
        A spec states a digest, and the installed encoder has another digest.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
    >>> encoder
    NetEncoder("AudioSpectrogram", SampleRate=8000)
    >>> encoder.output.dims
    (Varying, 101)
    >>> encoder.parameters["Offset"], encoder.resolved["Offset"]
    (Automatic, 67)
    """

    __slots__ = ("_chain", "_stated", "layers")

    layers: tuple[NetLayer, ...]
    _chain: Chain
    _stated: Stated

    def __init__(self, name: str, /, *values: Any, **parameters: Any) -> None:
        record = registry.find(name)
        self._build(record, self._named(record.encoder, values, parameters), "")

    def _build(
        self,
        record: registry.EncoderRecord,
        given: Mapping[str, Any],
        place: str,
        layers: Sequence[NetLayer] | None = None,
    ) -> None:
        """Create the encoder of a record; by default with the layers that its specs declare."""
        cls = record.encoder
        owner = f"{printable(place)}: {record.name}" if place else record.name
        declared, problems = _declared_layers(record.layers)
        declared = declared if layers is None else tuple(layers)
        with creating(cls, record.provider):
            try:
                self._declare(cls, owner, {**record.preset, **given}, record.version)
            except ParameterError as problem:
                wrong = _with_layers(problem.problems, given, declared)
                raise ParameterError(owner, [*wrong, *map(str, problems)]) from None
            if layers is None and problems:
                _raise_problems(owner, problems)
            for pin in record.pins:
                digests.check_pin(pin, cls, record.version, _declared_layers(pin.layers)[0])
            form = read_form(self._encoder.output())
        try:
            chain = Chain(declared, form)
        except LayerError as problem:
            raise LayerError(f"{owner}: {problem}") from None
        with creating(cls, record.provider):
            digest = digests.digest_of(cls, self.resolved, declared)
            self._identify(digest, *(layer._key for layer in declared))
            stated = record.stated
            if given and record.derived_from and layers is None:
                same = digest == digests.record_digest(record, declared)
                stated = stated if same else stated.with_other_values()
        self._set(layers=declared, _chain=chain, _stated=stated)

    @property
    def _encoder(self) -> Encoder:
        item = self._item
        assert isinstance(item, Encoder)  # noqa: S101 - for mypy: the registry holds only encoders
        return item

    def __call__(self, value: Any) -> Any:
        """Encode one input, or each input of a list.

        Parameters
        ----------
        value : object
            One input, or a list of inputs; `accepts` tells which. An array that has the type and
            the dimensions of `output` is already encoded, and is returned unchanged, unless the
            encoder takes such arrays. The encoder may refuse it, if it may be an input: for
            example, `Audio` refuses an array of shape (n, 1).

        Returns
        -------
        ndarray, or list of ndarray for a list
            An array of the form `output`, or one for each input. If the encoder has several named
            `outputs`, each is a dict of arrays.

        Raises
        ------
        EncodeError
            An input cannot be encoded; in a list, `index` is its position.

        Examples
        --------
        >>> import numpy as np
        >>> from netencoders_audio import Audio
        >>> NetEncoder("AudioSpectrogram")(Audio(np.zeros(16000, np.float32), 16000)).shape
        (120, 201)
        """
        if isinstance(value, list) and not self.accepts(value):
            return list(self.map(value, workers=1))
        return self._encode(value)

    @property
    def spec(self) -> str:
        """The name of the spec that the encoder was made from, or an empty text."""
        return self._stated.spec

    @property
    def inputs(self) -> tuple[str, ...]:
        """The kinds of inputs that the encoder declares; empty if it declares none."""
        return self._encoder.inputs

    @property
    def engine(self) -> str:
        """A short text about the code that computes the arrays here, such as ``kernel avx2``.

        It may be empty. It says nothing about the arrays, and is not part of the digest.
        """
        return calls.engine(self._encoder)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one input, by the kinds that the encoder declares.

        A list that is not one input is a batch. If the encoder declares no kinds, any value but a
        list is one input.

        Parameters
        ----------
        value : object
            Any value.

        Returns
        -------
        bool

        Raises
        ------
        EncodeError
            With code ``bug``: the code of the encoder fails.

        Examples
        --------
        >>> encoder = NetEncoder("AudioSpectrogram")
        >>> encoder.accepts("a.wav"), encoder.accepts(["a.wav"])
        (True, False)
        """
        return calls.accepts(self._encoder, value)

    @overload
    def map(
        self,
        values: Iterable[Any],
        *,
        workers: int | None = None,
        on_error: Literal["raise"] = "raise",
        isolate: bool = False,
        timeout: float | None = None,
    ) -> Iterator[npt.NDArray[Any]]: ...

    @overload
    def map(
        self,
        values: Iterable[Any],
        *,
        workers: int | None = None,
        on_error: Literal["return"],
        isolate: bool = False,
        timeout: float | None = None,
    ) -> Iterator[npt.NDArray[Any] | EncodeError]: ...

    def map(
        self,
        values: Iterable[Any],
        *,
        workers: int | None = None,
        on_error: Literal["raise", "return"] = "raise",
        isolate: bool = False,
        timeout: float | None = None,
    ) -> Iterator[npt.NDArray[Any] | EncodeError]:
        """Encode many inputs lazily and in order, with the same bits for any number of workers.

        Parameters
        ----------
        values : iterable
            The inputs. A few inputs are read before their results are requested.
        workers : int, optional
            The number of threads, including the calling thread. The default is the environment
            variable ``NETENCODERS_WORKERS``, or else the number of processors that this process
            may use.
        on_error : {"raise", "return"}
            If an input cannot be encoded: raise its EncodeError, or yield the EncodeError instead
            of the array and continue. An exception of the input's own code, such as a network error
            of a file object, is raised as it is, or yielded as an EncodeError with the code
            ``unreadable``. An exception of a signal handler is raised in both cases.
        isolate : bool
            Encode in worker processes instead of threads. A decoder that crashes or hangs then
            fails only its own input (codes ``crashed`` and ``timeout``). A process takes some
            tenths of a second to start. Its warnings become warnings of this process.
        timeout : float, optional
            With `isolate`: the time limit for one input in s, by default 600. It may be infinite,
            and includes the start of a process.

        Yields
        ------
        ndarray or EncodeError
            An array of the form `output` for each input; with ``on_error="return"``, the error of
            an input that cannot be encoded.

        Raises
        ------
        EncodeError
            With ``on_error="raise"``: an input cannot be encoded; `index` is its position.
        TypeError
            `values` is a text, bytes or a mapping.
        ValueError
            `workers`, `on_error` or `timeout` is invalid.
        DigestError
            With `isolate`, also if `on_error` is "return": the worker process finds another
            version of the encoder.
        PluginError
            With `isolate`: the encoder is registered in this process only. Without: its method
            `prepare` fails.

        Notes
        -----
        An interrupt (Ctrl-C) or an error ends the threads within half a second. Inputs that were
        begun are not encoded to their end. An encoder that does not look for the end in all that
        time is left alone, and does not keep the process alive.

        Examples
        --------
        >>> import numpy as np
        >>> from netencoders_audio import Audio
        >>> second = Audio(np.zeros(16000, np.float32), 16000)
        >>> [array.shape for array in NetEncoder("AudioSpectrogram").map([second, second])]
        [(120, 201), (120, 201)]
        """
        batches.check_map(values, on_error, isolate=isolate, timeout=timeout)
        if not isolate:
            encode = calls.returnable(self._encode) if on_error == "return" else self._encode
            return batches.ordered_map(
                encode, values, workers=workers, on_error=on_error, prepare=self.prepare
            )
        # Late: few programs start processes.
        from netencoders.isolation import isolated_map

        return isolated_map(
            self,
            values,
            workers=workers,
            on_error=on_error,
            timeout=600.0 if timeout is None else timeout,
        )

    def batch(
        self,
        values: Iterable[Any],
        *,
        pad: complex = 0.0,
        length: int | None = None,
        multiple: int = 1,
        side: Literal["end", "start"] = "end",
        workers: int | None = 1,
    ) -> Any:
        """Encode some inputs, and return their arrays as one array, padded to one length.

        The axis that varies in `output` is padded, at any position. If `output` is fixed, nothing
        has to be padded, and the mask is True.

        Parameters
        ----------
        values : iterable
            At least one input. For arrays that are encoded already, such as those of `map`, there
            is `Batch.of`.
        pad : number
            The value of the padding.
        length : int, optional
            The size that arrays are padded to: at least that of the longest, which is the default.
        multiple : int
            The size is rounded up to a multiple of this number.
        side : {"end", "start"}
            The side of an array at which the padding is.
        workers : int, optional
            The number of threads, as for `map`. The default is 1, since a worker process of a
            DataLoader has one processor; None uses all processors.

        Returns
        -------
        Batch, or dict of str to Batch
            The fields `array`, `lengths` and `mask`. If the encoder has several named `outputs`, a
            batch of each.

        Raises
        ------
        EncodeError
            An input cannot be encoded, or is longer than `length` (code ``too-long``): nothing is
            cut off. `index` is its position.
        TypeError
            `values` is one input.
        ValueError
            There are no inputs, an argument is invalid, or more than one dimension varies.

        Examples
        --------
        >>> import numpy as np
        >>> from netencoders_audio import Audio
        >>> clips = [Audio(np.ones(n, np.float32), 16000) for n in (16000, 8000)]
        >>> batch = NetEncoder("AudioSpectrogram").batch(clips, multiple=8)
        >>> batch.array.shape, batch.lengths.tolist(), batch.mask.sum(axis=1).tolist()
        ((2, 120, 201), [120, 60], [120, 60])

        A collate function for a DataLoader of torch, whose items are pairs of a path and a label:

        >>> def collate(items):
        ...     batch = encoder.batch([path for path, _ in items])
        ...     labels = torch.tensor([label for _, label in items])
        ...     return torch.from_numpy(batch.array), torch.from_numpy(batch.mask), labels
        """
        # Late: few programs make batches.
        from netencoders import batch as made

        padding = made.Padding(pad, length, multiple, side)
        inputs = made.inputs_of(values, self.accepts)

        def encode(named: Iterator[Any]) -> Iterator[Any]:
            return self.map(named, workers=workers)

        return made.batch_of(inputs, encode, self._chain.forms[-1], padding, self.name)

    def prepare(self) -> None:
        """Import the modules that encoding needs, which are imported at the first input otherwise.

        `map` does so before it starts threads. A program that encodes in threads of its own calls
        this method before they start.

        Raises
        ------
        PluginError
            The code of the encoder fails.

        Examples
        --------
        >>> NetEncoder("AudioSpectrogram").prepare()
        """
        calls.prepare(self._encoder)

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Encode one input in blocks along the axis of time, as they become ready.

        Parameters
        ----------
        value : object
            One input. It may be readable only once, as an iterator of blocks of audio is.

        Yields
        ------
        ndarray
            A block of rows. The concatenation of all blocks along ``output.stream_axis`` equals
            ``self(value)``, bit for bit.

        Raises
        ------
        EncodeError
            The input cannot be encoded. The code is ``one-pass`` if it must be read twice, and
            can be read only once.

        Examples
        --------
        >>> import numpy as np
        >>> from netencoders_audio import Audio
        >>> second = Audio(np.zeros(16000, np.float32), 16000)
        >>> sum(len(block) for block in NetEncoder("AudioSpectrogram").stream(second))
        120
        """
        return calls.stream(self._encoder, self._chain, value, policies.in_force())

    def session(self, *arguments: Any, **options: Any) -> Session:
        """Begin an input that is given piece by piece, such as the samples of a microphone.

        It is the push interface beside `stream`, which pulls the blocks of an iterator. The
        concatenation of its results is the array of the call, bit for bit.

        Parameters
        ----------
        *arguments, **options
            The description of the input. For encoders of audio: ``rate``, the sample rate in Hz,
            and ``channels=1``.

        Returns
        -------
        Session
            Its methods `feed` and `finish` return rows.

        Raises
        ------
        EncodeError
            The encoder has no sessions (code ``no-session``); the encoder or a layer needs the
            whole input before its first row (code ``one-pass``); or the description does not fit.
        TypeError
            An argument is missing or unknown.

        Examples
        --------
        >>> import numpy as np
        >>> with NetEncoder("AudioSpectrogram").session(rate=16000) as session:
        ...     first, last = session.feed(np.zeros(1000, np.int16)), session.finish()
        >>> first.shape, last.shape
        ((5, 201), (3, 201))
        """
        # Late: few programs have live input.
        from netencoders import live

        return live.begun(self._encoder, self._chain, arguments, options)

    def plot(self, value: Any, ax: Axes | None = None, title: str | None = None) -> Axes:
        """Encode one input, and draw the array with the axes that `output` declares.

        Parameters
        ----------
        value : object
            One input, or an array that is encoded already. Give an encoded array that the encoder
            refuses to `netencoders.plot.plot`.
        ax : matplotlib.axes.Axes, optional
            The axes to draw on; by default those of a new figure, without a window.
        title : str, optional
            The title of the axes.

        Returns
        -------
        matplotlib.axes.Axes
            Jupyter shows new axes as the picture, if they are the last line of a cell;
            ``.figure.savefig("a.png")`` saves it. See `netencoders.plot.plot`.

        Raises
        ------
        EncodeError
            The input cannot be encoded.
        TypeError
            `value` is a list, which is a batch.
        ValueError
            Arrays of this form cannot be drawn.
        NetEncodersError
            matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> silence = np.zeros((3, 201), np.float32)
        >>> NetEncoder("AudioSpectrogram").plot(silence).get_ylabel()
        'frequency in Hz'
        """
        # Late: few programs draw.
        from netencoders import plot

        if isinstance(value, list) and not self.accepts(value):
            raise TypeError("plot draws one input. Got a list, which is a batch.")
        if self.has_names:
            raise ValueError(
                f"{self.name} gives named arrays: draw each by netencoders.plot.plot(array, spec)"
            )
        problem = plot.drawing_problem(self.output)
        if problem:
            raise ValueError(f"{self.name}: {problem}")
        ax = plot.new_axes() if ax is None else ax
        return plot.plot(self._encode(value), self.output, ax, title)

    def explain(self, value: Any, other: NetEncoder | str | None = None) -> Explanation:
        """Return a page that shows one input stage by stage, which Jupyter shows.

        It has a picture of the array after each stage of the encoder and after each layer, with the
        parameters beside the stage that they belong to. The cursor of a player runs over all
        pictures. At most the first 30 s are drawn and played.

        Parameters
        ----------
        value : object
            One input that can be read several times, such as a path, bytes, or an `Audio`.
        other : NetEncoder or str, optional
            A second encoder, or its name: the page shows both side by side, with their `diff`.

        Returns
        -------
        Explanation
            ``save("a.html")`` writes the page, one file that needs no network.

        Raises
        ------
        EncodeError
            The input cannot be encoded, or can be read only once.
        TypeError
            `value` is a list, which is a batch; or `other` is neither a NetEncoder nor a name.

        Examples
        --------
        >>> page = NetEncoder("AudioSpectrogram").explain("tests/data/speech_16k_mono.wav")
        >>> [stage.name for stage in page.stages[0]]
        ['Recording', 'Audio', 'Partitions and window', 'AudioSpectrogram']
        """
        # Late: few programs explain encoders.
        from netencoders.explain import explanation

        if isinstance(value, list) and not self.accepts(value):
            raise TypeError("explain shows one input. Got a list, which is a batch.")
        if isinstance(other, str):
            other = type(self)(other)
        if not isinstance(other, NetEncoder | None):
            raise TypeError(f"explain takes a NetEncoder or a name. Got {short(other)}.")
        encoders = [self] if other is None else [self, other]
        return explanation([(encoder, value) for encoder in encoders])

    def replace(self, /, **parameters: Any) -> Self:
        """Return an encoder of the same name and layers with some parameters changed.

        Parameters
        ----------
        **parameters
            The new values by name. Other parameters keep their given values.

        Returns
        -------
        NetEncoder

        Raises
        ------
        ParameterError
            Parameters are invalid; the message lists every problem.

        Examples
        --------
        >>> NetEncoder("AudioSpectrogram", SampleRate=8000).replace(SampleRate=16000, Offset=160)
        NetEncoder("AudioSpectrogram", Offset=160)
        """
        return self._changed(parameters, self.layers)

    def training(self, seed: int, epoch: int = 0) -> Self:
        """Return this encoder with the random numbers of one epoch of a training.

        It is ``replace(Seed=seed, Epoch=epoch)``. The random numbers of an input depend on the
        digest of the encoder, the seed, the epoch and the input alone, so that any number of
        workers, any order and any resume give the same arrays.

        Parameters
        ----------
        seed : int
            An integer >= 0.
        epoch : int
            The number of the epoch: others give other random numbers.

        Returns
        -------
        NetEncoder

        Raises
        ------
        ParameterError
            The encoder draws no random numbers, or has no epochs; or the seed or the epoch is not
            valid.

        Examples
        --------
        >>> encoder = NetEncoder("AudioMFCC", Augmentation={"Noise": [0.0, 0.01]})
        >>> encoder.training(seed=1, epoch=3)
        NetEncoder("AudioMFCC", Augmentation={'Noise': (0.0, 0.01)}, Seed=1, Epoch=3)
        """
        if not self._encoder.is_random:
            raise ParameterError(
                self.name,
                ["it draws no random numbers: it has no parameter 'Seed'. Use it as it is."],
            )
        if seed is None:
            raise ParameterError(self.name, ["'seed' must be an integer. Got None."])
        if "Epoch" in self.parameters:
            return self.replace(Seed=seed, Epoch=epoch)
        if epoch != 0:
            raise ParameterError(
                self.name,
                [f"it has no parameter 'Epoch', so the epoch must be 0. Got {short(epoch)}."],
            )
        return self.replace(Seed=seed)

    @property
    def is_random(self) -> bool:
        """Whether the encoder draws random numbers: it declares so, and has a seed.

        Then an array depends on the id of the input too, if it has one; see `training`.
        """
        return self._encoder.is_random and self.resolved.get("Seed") is not None

    def then(self, layer: NetLayer | str, /, **parameters: Any) -> Self:
        """Return this encoder with one more layer after it.

        Parameters
        ----------
        layer : NetLayer or str
            The layer, or the name of one.
        **parameters
            The parameters of the layer, if it is given by its name.

        Returns
        -------
        NetEncoder

        Raises
        ------
        LayerNotFoundError, PluginConflictError, ParameterError
            As for `NetLayer`.
        LayerError
            The layer does not take the arrays of this encoder; the message is the reason.
        TypeError
            `layer` is neither a NetLayer nor a name, or it is a NetLayer with parameters.

        Examples
        --------
        >>> mel = NetEncoder("AudioMelSpectrogram", NumberOfFilters=80)
        >>> encoder = mel.then("Log", Base=10).then("Transpose")
        >>> encoder
        NetEncoder("AudioMelSpectrogram", NumberOfFilters=80).then("Log", Base=10).then("Transpose")
        >>> encoder.output.dims
        (80, Varying)
        """
        return self._changed({}, (*self.layers, net_layer(layer, parameters)))

    @property
    def output(self) -> ArraySpec:
        """The form of the arrays that the encoder returns, after all layers.

        Raises
        ------
        NetEncodersError
            The encoder gives several arrays: `outputs` has the form of each.
        """
        form = self._chain.forms[-1]
        if isinstance(form, Outputs):
            raise NetEncodersError(
                f"{self.name} gives several arrays: {form.names}. Its `outputs` has the form of "
                "each."
            )
        return form

    @property
    def has_names(self) -> bool:
        """Whether the encoder gives named arrays: a dict of arrays instead of an array."""
        return isinstance(self._chain.forms[-1], Outputs)

    @property
    def outputs(self) -> Mapping[str, ArraySpec]:
        """The form of each array, by name; the name of a single one is ``"Output"``."""
        return specs_of(self._chain.forms[-1])

    @property
    def forms(self) -> tuple[ArraySpec, ...]:
        """The form of the arrays before the first layer, and after each layer.

        Raises
        ------
        NetEncodersError
            As for `output`.
        """
        return (
            *(form for form in self._chain.forms[:-1] if isinstance(form, ArraySpec)),
            self.output,
        )

    def _changed(self, parameters: Mapping[str, Any], layers: Sequence[NetLayer]) -> Self:
        encoder = type(self).__new__(type(self))
        given = {**self.parameters, **parameters}
        encoder._build(registry.find(self.name), given, "", layers)
        same = encoder.digest == self.digest  # so are the arrays, and the probe fits them
        encoder._set(_stated=self._stated if same else self._stated.with_other_values())
        return encoder

    def diff(self, other: NetEncoder | str) -> EncoderDiff:
        """Return the differences to another encoder. If the digests are equal, there are none.

        Parameters
        ----------
        other : NetEncoder or str
            The other encoder, or its name.

        Returns
        -------
        EncoderDiff
            A tuple of rows (name, left, right, unit, doc) with the resolved values. It prints as
            a table.

        Raises
        ------
        TypeError
            `other` is neither a NetEncoder nor a name. (`NetEncoder.from_yaml` reads a spec.)

        Examples
        --------
        >>> found = NetEncoder("Telephone").diff(NetEncoder("AudioSpectrogram", SampleRate=8000))
        >>> [(row.name, row.left, row.right, row.unit) for row in found][0]
        ('WindowSize', 256, 200, 'samples')
        >>> bool(NetEncoder("AudioSpectrogram").diff("AudioSpectrogram"))
        False
        """
        # Late: few programs compare encoders.
        from netencoders.diff import difference

        if isinstance(other, str):
            other = NetEncoder(other)
        if not isinstance(other, NetEncoder):
            raise TypeError(f"diff takes a NetEncoder, or the name of one. Got {short(other)}.")
        return difference(self, other)

    def probe(
        self,
        signal: str | None = None,
        length: int | None = None,
        tolerance: float | None = None,
    ) -> dict[str, Any]:
        """Return a probe: the shape and some values of the array of a deterministic signal.

        Parameters
        ----------
        signal : str, optional
            The name of a signal of the encoder. By default that of the probe of the spec, or the
            first signal of the encoder.
        length : int, optional
            The length of the signal, in samples for audio. By default that of the probe of the
            spec, or the default of the signal.
        tolerance : float, optional
            The largest permitted difference of a value, in the unit of the array. By default 1e-4
            of the largest magnitude in the array, in one digit; 0 for integers.

        Returns
        -------
        dict
            The content of the key ``probe`` of a spec, as JSON values. It states the values that
            this installation gives.

        Raises
        ------
        ProbeError
            The encoder makes no such signal, or its array has no elements or is not finite.
        EncodeError
            The signal cannot be encoded: for example, it is too short.

        Examples
        --------
        >>> probe = NetEncoder("AudioSpectrogram").probe()
        >>> probe["signal"], probe["length"], probe["shape"]
        ('Syllables', 47999, [359, 201])
        """
        # Late: few programs write specs.
        from netencoders.probes.measure import measured

        return measured(self, signal, length, tolerance).to_dict()

    def verify(self) -> Verification:
        """Compare the encoder on this machine with the probe of its spec.

        The signal of the probe is encoded by a call and by a stream.

        Returns
        -------
        Verification
            The number of compared values and the largest difference.

        Raises
        ------
        ProbeError
            There is no probe.
        VerificationError
            The shape or a value differs by more than the tolerance, the stream differs from the
            call, or the signal cannot be encoded. The message lists the differences and the
            versions of the libraries.

        Examples
        --------
        >>> encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
        >>> NetEncoder.from_yaml(encoder.to_yaml(probe=True)).verify()
        <Verification of AudioSpectrogram: 16 values, largest difference 0, tolerance ...>
        """
        # Late: few programs verify encoders.
        from netencoders.probes.verification import verify

        return verify(self)

    def to_dict(self, *, pin: bool = False, probe: bool = False) -> dict[str, Any]:
        """Return the declaration as JSON values, with the given value of every parameter.

        Parameters
        ----------
        pin : bool
            Include the digest. `from_dict` then raises a DigestError if the installed version
            gives other numbers.
        probe : bool
            Include the probe that `probe()` returns, for `verify`.

        Returns
        -------
        dict
            The keys ``"schema"``, ``"encoder"``, ``"parameters"``, ``"layers"`` if there are any
            and, if they are included, ``"digest"`` and ``"probe"``.

        Raises
        ------
        ProbeError, EncodeError
            As for `probe`.

        Examples
        --------
        >>> NetEncoder("AudioSpectrogram").to_dict()["encoder"]
        'AudioSpectrogram'
        """
        plain = {name: to_plain(value) for name, value in self.parameters.items()}
        declared: dict[str, Any] = {"schema": yaml_specs.SCHEMA, "encoder": self.name}
        if pin:
            declared["digest"] = self.digest
        declared["parameters"] = plain
        if self.layers:
            declared["layers"] = [layer.to_dict() for layer in self.layers]
        if probe:
            declared["probe"] = self.probe()
        return declared

    @classmethod
    def from_dict(cls, declaration: Mapping[str, Any]) -> Self:
        """Return the encoder of a declaration in the format of `to_dict`.

        Parameters
        ----------
        declaration : mapping
            The declaration of one encoder.

        Returns
        -------
        NetEncoder

        Raises
        ------
        SpecError
            The mapping does not declare one encoder.
        DigestError
            The declaration states a digest, and the installed encoder has another digest.
        ParameterError, EncoderNotFoundError, PluginConflictError
            As for a call of `NetEncoder`.

        Examples
        --------
        >>> NetEncoder.from_dict({"schema": 1, "encoder": "AudioSpectrogram"})
        NetEncoder("AudioSpectrogram")
        """
        if not isinstance(declaration, Mapping):
            raise SpecError(f"a declaration must be a mapping. Got {short(declaration)}.")
        return cls._from_declarations([yaml_specs.declaration(dict(declaration))], None)

    def to_yaml(
        self,
        *,
        pin: bool = False,
        probe: bool = False,
        assets: str | PathLike[str] | None = None,
    ) -> str:
        r"""Return the declaration as a YAML spec, with the given value of every parameter.

        Parameters
        ----------
        pin : bool
            Include the digest. Loading the spec then raises a DigestError if the installed
            version gives other numbers.
        probe : bool
            Include the probe that `probe()` returns, for `verify`.
        assets : str or path, optional
            The folder of the spec. Long values, such as a vocabulary or the model of a tokenizer,
            are written to files in this folder, and the spec names them. The names of the files
            begin with that of the parameter, and contain their sha256.

        Returns
        -------
        str

        Raises
        ------
        ProbeError, EncodeError
            As for `probe`.
        SpecError
            The values are too many for a spec without files beside it.
        OSError
            A file cannot be written.

        Examples
        --------
        >>> print("\n".join(NetEncoder("Audio").to_yaml().splitlines()[:2]))
        schema: 1
        encoder: Audio
        """
        declared = self.to_dict(pin=pin, probe=probe)
        if assets is not None:
            # Late: few programs write files beside specs.
            from netencoders.beside import with_files

            declared = with_files(self, declared, assets)
        return yaml_specs.dump(declared)

    @classmethod
    def from_yaml(cls, source: str | PathLike[str], name: str | None = None) -> Self:
        r"""Return the encoder that a YAML spec declares.

        Parameters
        ----------
        source : str or path
            A path, or the YAML text itself: a str with a line break.
        name : str, optional
            The name of one encoder, if the spec declares several.

        Returns
        -------
        NetEncoder

        Raises
        ------
        SpecError
            The spec cannot be read, or `name` selects none of its encoders.
        DigestError
            The spec states a digest, and the installed encoder has another digest.
        ParameterError, EncoderNotFoundError, PluginConflictError
            As for a call of `NetEncoder`.

        Examples
        --------
        >>> NetEncoder.from_yaml("schema: 1\nencoder: Audio\nparameters: {SampleRate: 8000}")
        NetEncoder("Audio", SampleRate=8000)
        """
        return cls._of_spec(source, name, {})

    @classmethod
    def _of_spec(
        cls, source: str | PathLike[str], name: str | None, given: Mapping[str, Any]
    ) -> Self:
        """Return the encoder of a spec, with some values, such as of a required parameter."""
        text, place = yaml_specs.read(source)
        return cls._from_declarations(yaml_specs.declarations(text, source=place), name, given)

    @classmethod
    def from_decoder(cls, decoder: Any) -> Self:
        """Return the encoder of the values that a decoder gives, such as of its labels.

        Parameters
        ----------
        decoder : NetDecoder

        Returns
        -------
        NetEncoder

        Raises
        ------
        TypeError
            `decoder` is no NetDecoder.
        ParameterError
            The decoder has no such encoder.

        Examples
        --------
        >>> from netencoders import NetDecoder
        >>> NetEncoder.from_decoder(NetDecoder("Class", ["cat", "dog"]))("dog")
        array([0., 1.], dtype=float32)
        """
        # Late: few programs use decoders.
        from netencoders.decoder import NetDecoder, called_back

        if not isinstance(decoder, NetDecoder):
            raise TypeError(f"from_decoder takes a NetDecoder. Got {short(decoder)}.")
        found = called_back(decoder, decoder._decoder.encoder)
        if found is None:
            raise ParameterError(decoder.name, ["no encoder belongs to it."])
        name, parameters = found
        return cls(name, **parameters)

    @classmethod
    def from_config(
        cls, source: str | PathLike[str] | Mapping[str, Any], *, part: str | None = None
    ) -> Self:
        """Return the encoder of a config of another tool, by an importer of a plugin.

        Parameters
        ----------
        source : str, path or mapping
            The config: a .json, .yaml, .yml or .conf file, a folder that holds one, or the fields.
        part : str, optional
            One of several front ends, if the config has more than one.

        Returns
        -------
        NetEncoder

        Raises
        ------
        ConfigError
            The config cannot be read, no importer recognizes it, or a field cannot be honoured.
            The error lists all problems.
        PluginError
            The code of an importer fails.

        Examples
        --------
        >>> config = {"feature_extractor_type": "EncodecFeatureExtractor", "sampling_rate": 24000}
        >>> NetEncoder.from_config(config)
        NetEncoder("Audio", SampleRate=24000).then("Transpose")
        """
        # Late: few programs import configs.
        from netencoders import importers

        return importers.built(cls.from_dict, source, part)[0]

    @classmethod
    def _from_declarations(
        cls,
        found: list[yaml_specs.Declaration],
        name: str | None,
        given: Mapping[str, Any] | None = None,
    ) -> Self:
        chosen = [spec for spec in found if name in (None, spec.name)]
        if len(chosen) != 1:
            names = ", ".join(repr(spec.name) for spec in found)
            wrong = "declares several encoders" if name is None else f"declares no {name!r}"
            raise SpecError(f"{wrong}. Choose by name from: {names}.", source=found[0].source)
        (spec,) = chosen
        if spec.name:
            record = registry.find(spec.name, beside=found)
        else:
            base = registry.find(spec.encoder)
            record = base.derived(spec, base.provider)
        encoder = cls.__new__(cls)
        encoder._build(record, given or {}, spec.source or "")
        return encoder

    def _encode(self, value: Any) -> Any:
        return calls.encode(self._encoder, self._chain, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # Late: few programs pickle encoders.
        from netencoders import pickling

        return (pickling.restore, (type(self), pickling.state(self)))

    def __repr__(self) -> str:
        return display.expression(self)

    def _repr_html_(self) -> str:
        return display.html(self)


def _declared_layers(
    declarations: Sequence[yaml_specs.LayerDeclaration],
) -> tuple[tuple[NetLayer, ...], list[str | LayerNotFoundError]]:
    """Return the layers of a spec, and the problems of all layers.

    Raises
    ------
    PluginConflictError
        A layer is registered more than once.
    """
    layers: list[NetLayer] = []
    problems: list[str | LayerNotFoundError] = []
    for place, (name, parameters) in enumerate(declarations):
        try:
            layers.append(NetLayer(name, **parameters))
        except ParameterError as problem:
            text = f"layer {place + 1} of {len(declarations)}, {name}"
            problems += [f"{text}: {sentence}" for sentence in problem.problems]
        except LayerNotFoundError as problem:
            problems.append(problem)
    return tuple(layers), problems


def _raise_problems(owner: str, problems: Sequence[str | LayerNotFoundError]) -> NoReturn:
    """Raise the problems of layers in one error."""
    missing = [problem for problem in problems if isinstance(problem, LayerNotFoundError)]
    if len(missing) == len(problems):
        raise LayerNotFoundError(f"{owner}: {missing[0]}")
    raise ParameterError(owner, [str(problem) for problem in problems])


def _with_layers(
    problems: Sequence[str], given: Mapping[str, Any], layers: Sequence[NetLayer]
) -> list[str]:
    """Return the problems; that of an unknown parameter names the layer that has the parameter."""
    places = {
        name: f"layer {place + 1}, {layer.name}"
        for place, layer in enumerate(layers)
        for name in layer.parameters
    }
    known = {
        f"unknown parameter {short(name)}.": f"{name!r} is a parameter of {places[name]}: change "
        "the layer in the spec, or declare the encoder again."
        for name in given
        if name in places
    }
    return [
        next((text for begin, text in known.items() if sentence.startswith(begin)), sentence)
        for sentence in problems
    ]
