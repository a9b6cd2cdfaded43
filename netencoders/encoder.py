"""NetEncoder: the declared, immutable value between an input and a net.

Longer than other modules: it is one class, and most lines are its docstrings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, overload

import numpy.typing as npt

from netencoders import batches, calls, digests, display, policies, registry, yaml_specs
from netencoders.arrays import ArraySpec
from netencoders.base import Encoder
from netencoders.binding import bind
from netencoders.errors import (
    EncodeError,
    NetEncodersError,
    PluginError,
    SpecError,
    printable,
)
from netencoders.parameters import Parameter, short
from netencoders.values import to_plain, typed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from netencoders.diff import EncoderDiff

__all__ = ["NetEncoder"]


class NetEncoder:
    """An encoder with its parameters: call it with an input, and it returns the array for a net.

    A NetEncoder is a value: immutable, hashable, picklable, equal to another of the same name and
    parameters. It keeps the given values (`parameters`) apart from the resolved ones (`resolved`),
    so that a declaration keeps its `Automatic`.

    Parameters
    ----------
    name : str
        The name of a registered encoder or of a declared spec. A spec's name stands for its
        encoder with the parameters that it declares.
    **parameters
        Values by name, exact and case-sensitive; see `encoders()[name].parameters`.

    Attributes
    ----------
    name : str
        The name of the encoder that does the work.
    parameters : mapping
        Every parameter as it was given, or its default.
    resolved : mapping
        Every parameter, with `Automatic` and durations replaced by their values.
    output : ArraySpec
        The form of the arrays that it returns.
    digest : str
        The sha256, in hexadecimal, of the canonical JSON of name, revision and those resolved
        parameters that are not neutral: equal digests give equal arrays.

    Raises
    ------
    EncoderNotFoundError, PluginConflictError
        No encoder, or more than one, has the name.
    ParameterError
        Parameters do not fit; the message lists every problem.
    PluginError
        The code of the encoder fails.
    DigestError
        A spec states a digest, and the encoder has another one here.

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

    __slots__ = (
        "__weakref__",
        "_encoder",
        "_key",
        "_version",
        "digest",
        "name",
        "output",
        "parameters",
        "resolved",
    )

    name: str
    parameters: Mapping[str, Any]
    resolved: Mapping[str, Any]
    output: ArraySpec
    digest: str
    _encoder: Encoder
    _key: tuple[object, ...]
    _version: str

    def __init__(self, name: str, /, **parameters: Any) -> None:
        self._build(registry.find(name), parameters, "")

    def _build(self, record: registry.EncoderRecord, given: Mapping[str, Any], place: str) -> None:
        cls = record.encoder
        owner = f"{printable(place)}: {record.name}" if place else record.name
        try:
            for pin in record.pins:
                digests.check_pin(pin, cls, record.version)
            checked, resolved = bind(
                owner, cls.ordered, {**record.preset, **given}, cls.constraints
            )
            declared = [parameter.name for parameter in cls.parameters]
            checked = {key: checked[key] for key in declared}
            resolved = {key: resolved[key] for key in declared}
            encoder = cls(MappingProxyType(resolved))
            output = encoder.output()
            if not isinstance(output, ArraySpec):
                raise TypeError(f"output() gives {short(output)}, which is no ArraySpec")  # noqa: TRY301 - reported below as the plugin's
            digest = digests.digest_of(cls, resolved)
            key = (cls.name, digest, tuple(typed(value) for value in checked.values()))
            hash(key)
        except PluginError as problem:
            problem.plugin = problem.plugin or f"encoder {cls.name}, {record.provider}"
            raise
        except NetEncodersError:
            raise
        except Exception as bug:  # foreign code may raise anything
            raise PluginError(
                f"cannot be made: {type(bug).__name__}: {bug}",
                plugin=f"encoder {cls.name}, {record.provider}",
            ) from bug
        for name, value in {
            "name": cls.name,
            "parameters": MappingProxyType(checked),
            "resolved": MappingProxyType(resolved),
            "output": output,
            "digest": digest,
            "_encoder": encoder,
            "_key": key,
            "_version": record.version,
        }.items():
            object.__setattr__(self, name, value)

    def __call__(self, value: Any) -> Any:
        """Encode one input, or each input of a list.

        Parameters
        ----------
        value : object
            One input of a kind that the encoder takes, or a list of them. An array that already
            has the type and the dimensions of `output` is returned as it is. So a waveform of
            shape (n, 1) must be an `Audio` if the output has that form.

        Returns
        -------
        ndarray, or list of ndarray for a list

        Raises
        ------
        EncodeError
            An input cannot be encoded; in a list, `index` tells which.
        """
        if isinstance(value, list):
            return list(self.map(value, workers=1))
        return self._encode(value)

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
        """Encode many inputs: lazily, in order, with the same bits for any number of workers.

        Parameters
        ----------
        values : iterable
            Inputs, read a few ahead of the result that is asked for.
        workers : int, optional
            Number of threads, with the calling thread, which encodes while it waits. The default
            is the environment variable ``NETENCODERS_WORKERS``, or else the number of processors
            of this process.
        on_error : {"raise", "return"}
            For an input that cannot be encoded: raise its EncodeError, or yield the EncodeError
            in place of the array and go on.
        isolate : bool
            Encode in processes that can be killed, instead of in threads. A decoder that crashes
            or hangs then costs one input (codes ``crashed`` and ``timeout``), not the program. A
            process takes some tenths of a second to start.
        timeout : float, optional
            With `isolate`: the time that one input may take, in s; 600 by default.

        Yields
        ------
        ndarray or EncodeError

        Raises
        ------
        ValueError
            `workers`, `on_error` or `timeout` has no such value.
        PluginError
            With `isolate`: the encoder is registered in this process alone.
        """
        if timeout is not None and not isolate:
            raise ValueError("a timeout needs isolate=True: a thread cannot be ended.")
        if not isolate:
            return batches.ordered_map(self._encode, values, workers=workers, on_error=on_error)
        # Late: few programs start processes.
        from netencoders.isolation import isolated_map

        return isolated_map(
            self,
            values,
            workers=workers,
            on_error=on_error,
            timeout=600.0 if timeout is None else timeout,
        )

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Encode one input in blocks along the first axis, as they become ready.

        The concatenation of the blocks is ``self(value)``, bit for bit.

        Raises
        ------
        EncodeError
            The input cannot be encoded.
        """
        return calls.stream(self._encoder, self.output, value, policies.in_force())

    def plot(self, value: Any, ax: Axes | None = None, title: str | None = None) -> Axes:
        """Encode one input and draw the array over the axes that `output` declares.

        Parameters
        ----------
        value : object
            One input, or an array that is encoded already.
        ax : matplotlib.axes.Axes, optional
            The axes to draw on; by default those of a new figure, without a window.
        title : str, optional

        Returns
        -------
        matplotlib.axes.Axes
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

        if isinstance(value, list):
            raise TypeError("plot draws one input. Got a list, which is a batch.")
        problem = plot.drawing_problem(self.output)
        if problem:
            raise ValueError(f"{self.name}: {problem}")
        ax = plot.new_figure().subplots() if ax is None else ax
        return plot.plot(self._encode(value), self.output, ax, title)

    def replace(self, /, **parameters: Any) -> Self:
        """Return an encoder of the same name with some parameters changed.

        >>> NetEncoder("AudioSpectrogram", SampleRate=8000).replace(SampleRate=16000, Offset=160)
        NetEncoder("AudioSpectrogram", Offset=160)
        """
        return type(self)(self.name, **{**self.parameters, **parameters})

    def diff(self, other: NetEncoder | str) -> EncoderDiff:
        """Return the differences from another encoder: none if the digests are equal.

        Parameters
        ----------
        other : NetEncoder or str
            The other encoder, or its name.

        Returns
        -------
        EncoderDiff
            A tuple of rows (name, left, right, unit, doc), of resolved values; printed, a table.

        Raises
        ------
        TypeError
            `other` is neither. (`NetEncoder.from_yaml` reads the file of a spec.)

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

    def to_dict(self, *, pin: bool = False) -> dict[str, Any]:
        """Return the declaration in JSON's terms, every parameter as it was given.

        Parameters
        ----------
        pin : bool
            State the digest, too: `from_dict` then refuses a version with other numbers.

        Examples
        --------
        >>> NetEncoder("AudioSpectrogram").to_dict()["encoder"]
        'AudioSpectrogram'
        """
        plain = {name: to_plain(value) for name, value in self.parameters.items()}
        stated = {"digest": self.digest} if pin else {}
        return {"schema": yaml_specs.SCHEMA, "encoder": self.name, **stated, "parameters": plain}

    @classmethod
    def from_dict(cls, declaration: Mapping[str, Any]) -> Self:
        """Return the encoder of a declaration as `to_dict` returns it.

        Raises
        ------
        SpecError
            The mapping does not declare one encoder.
        """
        if not isinstance(declaration, Mapping):
            raise SpecError(f"a declaration is a mapping. Got {short(declaration)}.")
        return cls._from_declarations([yaml_specs.declaration(dict(declaration))], None)

    def to_yaml(self, *, pin: bool = False) -> str:
        """Return the declaration as a YAML spec, every parameter as it was given.

        Parameters
        ----------
        pin : bool
            State the digest, too: loading the spec then compares it.
        """
        return yaml_specs.dump(self.to_dict(pin=pin))

    @classmethod
    def from_yaml(cls, source: str | PathLike[str], name: str | None = None) -> Self:
        """Return the encoder that a YAML spec declares.

        Parameters
        ----------
        source : str or path
            A path; or the YAML text itself: a str with a line break.
        name : str, optional
            The encoder to return, if the spec declares several.

        Raises
        ------
        SpecError
            The spec cannot be read, or `name` selects none of its encoders.
        """
        text, place = yaml_specs.read(source)
        return cls._from_declarations(yaml_specs.declarations(text, source=place), name)

    @classmethod
    def _from_declarations(cls, found: list[yaml_specs.Declaration], name: str | None) -> Self:
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
        encoder._build(record, {}, spec.source or "")
        return encoder

    def _encode(self, value: Any) -> npt.NDArray[Any]:
        return calls.encode(self._encoder, self.output, value)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, NetEncoder) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Any, ...]:
        # Late: few programs pickle encoders.
        from netencoders import pickling

        return (pickling.restore, (type(self), pickling.state(self)))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a NetEncoder is immutable. Use replace({name}=...) for another one.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a NetEncoder is immutable.")

    def __repr__(self) -> str:
        return display.expression(self.name, self._encoder.parameters, self.parameters)

    def _repr_html_(self) -> str:
        return display.html(self)

    @property
    def summary(self) -> str:
        """One sentence about the encoder."""
        return self._encoder.summary()

    @property
    def revision(self) -> int:
        """The revision of the encoder's numbers, which is part of the digest."""
        return self._encoder.revision

    @property
    def version(self) -> str:
        """The distribution that holds the encoder, with its version."""
        return self._version

    @property
    def declarations(self) -> tuple[Parameter, ...]:
        """The declarations of the parameters, in the order in which they are shown."""
        return self._encoder.parameters
