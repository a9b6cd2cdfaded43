"""Encoder: the base class of all encoders.

The module is long because most of its lines are docstrings.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.declared import Declared
from netencoders.errors import EncodeError, PluginError, ProbeError
from netencoders.inputs import has_kind, inputs_problem
from netencoders.outputs import Encoded, arrays_of
from netencoders.stages import Media, Stage, first_rows

if TYPE_CHECKING:
    from netencoders.draws import Draws

__all__ = ["Encoder"]


class Encoder(Declared):
    """Base class of encoders.

    A subclass sets `name` and `parameters`, and implements `output` and `encode`. Its constructor
    computes the constants of `encode`, such as windows and filters. Afterwards an encoder does not
    change, so any number of threads may use it.

    Parameters
    ----------
    resolved : mapping of str to object
        The resolved value of every parameter. No value is `Automatic` or a duration.

    Attributes
    ----------
    name : str
        The encoder's name, unique among all plugins: a letter, then letters, digits and
        underscores.
    revision : int
        The version of the computation, which is part of the digest. Raise it if equal parameters
        give other numbers than before.
    parameters : tuple of Parameter
        The declarations, in the order in which they are shown.
    inputs : tuple of str
        The kinds of inputs that the encoder takes, some of ``"path"``, ``"bytes"``, ``"text"``,
        ``"audio"``, ``"array"``, ``"mapping"`` and ``"object"``; see `accepts`. By default it is
        empty: the kinds are not declared.
    is_random : bool
        Whether the arrays depend on random numbers, which `draws` returns. Such an encoder declares
        the parameter ``Seed`` and, if a training has epochs, ``Epoch``, with neutral defaults.
    resolved : mapping
        The argument of the constructor.

    Raises
    ------
    PluginError
        When a subclass is created: one of its declarations is invalid.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import ArraySpec, Encoder, Integer, NetEncoder, Parameter, registered
    >>> class OneHot(Encoder):
    ...     "Turns an index into a one-hot vector."
    ...     name = "OneHot"
    ...     parameters = (Parameter("Size", Integer(min=1), default=3, doc="number of classes"),)
    ...     def output(self):
    ...         return ArraySpec((self.resolved["Size"],))
    ...     def encode(self, value):
    ...         return np.eye(self.resolved["Size"], dtype=np.float32)[value]
    >>> with registered(OneHot):
    ...     NetEncoder("OneHot", Size=4)(2)
    array([0., 0., 1., 0.], dtype=float32)
    """

    word: ClassVar[str] = "encoder"
    inputs: ClassVar[tuple[str, ...]] = ()
    is_random: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if problem := inputs_problem(cls.inputs) or _randomness_problem(cls):
            raise PluginError(problem, plugin=f"encoder {getattr(cls, 'name', cls.__name__)}")

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one input of this encoder.

        A list that is not one input is a batch. Without declared `inputs`, any value but a list is
        one input. With declared inputs, other values than those are refused before `encode`, and
        an array that this method accepts is an input, also if it has the form of the output. The
        command passes a file as its path, or else its content.

        The kinds are: ``"path"``, a str or a path object; ``"text"``, a str, which is then not a
        path; ``"bytes"``; ``"audio"``, an object with `samples` and `rate`; ``"array"``, a numpy
        array or a list of numbers that is not empty; ``"mapping"``; and ``"object"``, any other
        value but a list.

        Override it for an encoder that takes other lists, or arrays of some forms only.

        Parameters
        ----------
        value : object
            Any value.

        Returns
        -------
        bool
        """
        return has_kind(value, self.inputs) if self.inputs else not isinstance(value, list)

    @cached_property
    def _unseeded_digest(self) -> str:
        """The digest of this encoder without its seed, its epoch and layers; see `draws`."""
        # Late: it imports this module.
        from netencoders.digests import digest_of

        return digest_of(type(self), self.resolved, without=("Seed", "Epoch"))

    def draws(self, value: Any) -> Draws:
        """Return the random numbers for one input, for an encoder that declares `is_random`.

        They depend on the digest of the encoder without its layers, on the parameters ``Seed`` and
        ``Epoch``, and on the input alone: on its id, such as that of a row of a corpus, or else on
        its content (A145). So they are the same for any number of workers, and after a resume.

        Parameters
        ----------
        value : object
            The input.

        Returns
        -------
        netencoders.draws.Draws

        Raises
        ------
        EncodeError
            With code ``no-seed``: the parameter ``Seed`` is None; ``no-input-id``: the input has no
            id, and `content_id` does not know its content.
        """
        # Late: few encoders draw.
        from netencoders.randomness import draws_of

        return draws_of(self, value)

    def content_id(self, value: Any) -> str:
        """Return a text that is equal for inputs of equal content, for `draws`.

        Override it for inputs of other classes. The name of a file is not part of its content.

        Parameters
        ----------
        value : object
            One input.

        Returns
        -------
        str
            By default the sha256 of the content of a path, of bytes, of a text, of a number, of an
            array, or of a list or mapping of these.

        Raises
        ------
        EncodeError
            With code ``no-input-id``: the content is not known, or can be read only once.
        """
        from netencoders.randomness import content_id  # late, as in `draws`

        return content_id(value, self.inputs)

    @abstractmethod
    def output(self) -> ArraySpec | Mapping[str, ArraySpec]:
        """Return the form of the arrays that `encode` returns.

        Returns
        -------
        ArraySpec, or mapping of str to ArraySpec
            One form; or, for an encoder that gives several named arrays, such as ids and a mask,
            the form of each. Then `encode` returns a dict of arrays with these names, `stream` is
            not called, and no layer may come after the encoder.
        """

    def prepare(self) -> None:
        """Import the modules that `encode` and `stream` import late.

        `NetEncoder.map` calls it, in a worker thread, before its threads encode, and may call it
        again. An interrupt inside of an import may be lost, or block all threads that import the
        same module. By default the method does nothing.
        """

    def engine(self) -> str:
        """Return a short text about the code that computes the arrays on this machine.

        `netencoders show` and `netencoders --version` print it, such as ``kernel avx2`` for a
        compiled library. It says nothing about the arrays, and is not part of the digest.

        Returns
        -------
        str
            By default empty.
        """
        return ""

    @abstractmethod
    def encode(self, value: Any) -> Encoded:
        """Return the array for one input.

        The array must not contain NaN or infinity: raise EncodeError for an input that would give
        one. `EncoderContract` checks this. A NetEncoder does not check it, because it would have
        to read each array again.

        Parameters
        ----------
        value : object
            One input.

        Returns
        -------
        ndarray, or dict of str to ndarray
            An array of the form `output()`, or several by name.

        Raises
        ------
        EncodeError
            The input cannot be encoded.
        """

    def stream(self, value: Any) -> Iterator[npt.NDArray[Any]]:
        """Yield the array for one input in blocks along the first axis, as they become ready.

        Parameters
        ----------
        value : object
            One input.

        Yields
        ------
        ndarray
            A block of rows. The concatenation of all blocks equals ``encode(value)``, bit for bit.
            By default the only block is ``encode(value)``.

        Raises
        ------
        EncodeError
            The input cannot be encoded.
        """
        encoded: Any = self.encode(value)
        yield encoded

    def feeder(self, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
        """Return a function that makes a block of `stream` from one piece of an input.

        Implement it if `stream` takes an iterator of blocks: `NetEncoder.session` then gives its
        push interface. The arguments of a subclass describe the input, such as its sample rate,
        and those of `session` are checked against its signature.

        Parameters
        ----------
        *arguments, **options
            The arguments of `NetEncoder.session`.

        Returns
        -------
        callable
            It gets one argument of `Session.feed`. It raises EncodeError for a piece that does not
            fit. `stream` gets an iterator of its results, which waits for the next one.

        Raises
        ------
        EncodeError
            The encoder cannot encode such an input piece by piece. By default, the encoder takes
            whole inputs only.
        """
        raise EncodeError(
            f"{self.name} takes whole inputs only",
            code="no-session",
            remedy="collect the input, and encode it by a call",
        )

    def stages(self, value: Any, seconds: float) -> Iterator[Stage]:
        """Yield the steps from one input to the array, for the page of `NetEncoder.explain`.

        The last step is the array of `encode`, or its first rows. By default it is the only one;
        an encoder of several named arrays has one step for each. Layers are shown after the steps.

        Parameters
        ----------
        value : object
            An input that is `repeatable`, or a new one for each step.
        seconds : float
            Only rows before this time are drawn, if the axis of the rows is in seconds:
            `first_rows` collects them.

        Yields
        ------
        Stage

        Raises
        ------
        EncodeError
            The input cannot be encoded.
        """
        form = self.output()
        if isinstance(form, ArraySpec):
            array, is_cut = first_rows(self.stream(value), form, seconds)
            yield Stage(self.name, self.summary(), array, form, is_cut=is_cut)
            return
        encoded = arrays_of(self.encode(value))
        for name, spec in form.items():
            array, is_cut = first_rows([encoded[name]], spec, seconds)
            yield Stage(name, self.summary(), array, spec, is_cut=is_cut)

    def media(self, value: Any, seconds: float) -> Media | None:
        """Return the input as a file that a browser plays, for the page of `NetEncoder.explain`.

        Parameters
        ----------
        value : object
            One input.
        seconds : float
            The longest time that is drawn.

        Returns
        -------
        Media or None
            By default None: nothing is played.

        Raises
        ------
        EncodeError
            The input cannot be read.
        """
        return None

    def repeatable(self, value: Any) -> bool:
        """Return whether `stream` may be called a second time for one input.

        A layer after the encoder that needs the whole array reads the input twice. By default, an
        iterator is read once, and a file object only if it can seek.

        Parameters
        ----------
        value : object
            One input.

        Returns
        -------
        bool
        """
        if isinstance(value, Iterator):
            return hasattr(value, "read") and _seekable(value)
        return not hasattr(value, "read") or _seekable(value)

    def check_encoded(self, array: Any) -> None:
        """Refuse an array of the form `output()` that may be an input; by default, refuse none.

        A `NetEncoder` calls this method before it returns an array of the form `output()`
        unchanged, as one that is encoded already. Override it if an input of the encoder may have
        this form: for example, the output of shape (n, 1) of the encoder Audio may be samples whose
        sample rate is not known.

        Parameters
        ----------
        array : ndarray, or dict of str to ndarray
            An array of the form `output()`, or several by name.

        Raises
        ------
        EncodeError
            The array may be an input. The remedy states how to give an input, and that
            ``net.replace(Input=None)`` returns a net that takes encoded arrays.
        """

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signals that `probe_input` can make: the name and the default length of each.

        The first one is the default. By default there are none, and a spec of the encoder cannot
        have a probe.

        Returns
        -------
        mapping of str to int
            The unit of the lengths is the encoder's choice: samples for audio.
        """
        return {}

    def probe_input(self, signal: str, length: int) -> Any:
        """Return a deterministic signal as an input of this encoder.

        Compute it with integers only, except for one last division by a power of two, which is
        exact. Then every machine, and every version of numpy, makes the same input.

        Parameters
        ----------
        signal : str
            One of the names of `probe_signals`.
        length : int
            The length, at least 1.

        Returns
        -------
        object
            An input that can be read twice.

        Raises
        ------
        ProbeError
            By default: the encoder makes no signals.
        """
        raise ProbeError(f"{self.name} makes no signals for probes.")

    def decoder(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the name and the parameters of the decoder that turns the arrays into values.

        `NetDecoder.from_encoder` calls it. By default there is none.

        Returns
        -------
        tuple of (str, mapping), or None
        """
        return None

    def libraries(self) -> Mapping[str, str]:
        """Return the versions of the libraries that the arrays depend on, by name.

        A `VerificationError` shows them, beside those of Python, numpy and the plugin. By default
        there are none.

        Returns
        -------
        mapping of str to str
        """
        return {}


def _randomness_problem(cls: type[Encoder]) -> str:
    """Return the reason why the declaration of randomness is invalid, or an empty text."""
    stated: object = cls.is_random  # a plugin may state any value
    if not isinstance(stated, bool):
        return f"'is_random' must be True or False. Got {stated!r:.80}."
    if stated and not any(parameter.name == "Seed" for parameter in cls.parameters):
        return (
            "an encoder that draws random numbers declares the parameter 'Seed', such as "
            "Parameter('Seed', Union(Choice(None), Integer(min=0)), default=None, neutral=None)."
        )
    return ""


def _seekable(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except Exception:  # the code of a file object may raise anything
        return False
