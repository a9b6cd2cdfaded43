"""Window functions: the type `Window` of their names, and their samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from netencoders.errors import PluginError, nearest
from netencoders.values import Real, RefusedError, ValueType

if TYPE_CHECKING:
    from netencoders.records import Provider

__all__ = ["SCIPY_WINDOWS", "NamedWindow", "Window", "WindowFunction", "window_samples"]

_NAME = re.compile("[a-z][a-z0-9_]{0,63}", re.IGNORECASE)  # scipy takes "14" for a Kaiser window
# The time of a Taylor window grows with the square of its argument.
_ARGUMENT = Real(-10_000, 10_000)
_CHECKED_SIZE = 512  # scipy refuses some short windows, such as ["dpss", 5]

# The synonyms of each window of scipy; the digest contains the name on the left.
_SYNONYMS = {
    "barthann": ("brthan", "bth"),
    "bartlett": ("bart", "brt"),
    "blackman": ("black", "blk"),
    "blackmanharris": ("blackharr", "bkh"),
    "bohman": ("bman", "bmn"),
    "boxcar": ("box", "ones", "rect", "rectangular"),
    "chebwin": ("cheb",),
    "cosine": ("halfcosine",),
    "exponential": ("poisson",),
    "flattop": ("flat", "flt"),
    "gaussian": ("gauss", "gss"),
    "general_gaussian": ("general_gauss", "ggs"),
    "hamming": ("hamm", "ham"),
    "hann": ("han",),
    "kaiser": ("ksr",),
    "kaiser_bessel_derived": ("kbd",),
    "lanczos": ("sinc",),
    "nuttall": ("nutl", "nut"),
    "parzen": ("parz", "par"),
    "taylor": ("taylorwin",),
    "triang": ("triangle", "tri"),
    "tukey": ("tuk",),
}
_MAIN_NAMES = {other: name for name, others in _SYNONYMS.items() for other in others}

SCIPY_WINDOWS = frozenset(
    {
        *_SYNONYMS,
        *_MAIN_NAMES,
        "dpss",
        "general_cosine",
        "general_hamming",
    }  # these have no synonyms
)
"""The names that scipy.signal.get_window accepts, listed because its import takes a second."""


class WindowFunction(Protocol):
    """The type of the window functions that plugins register with the hook `register_windows`."""

    def __call__(self, size: int, periodic: bool, /) -> npt.NDArray[np.float64]:
        """Return the samples of the window.

        Parameters
        ----------
        size : int
            The number of samples, at least 2: a window of one sample is 1 (A7).
        periodic : bool
            Whether the window is periodic; otherwise it is symmetric.

        Returns
        -------
        ndarray of float64, shape (size,)
        """


@dataclass(frozen=True)
class NamedWindow:
    """A window that a plugin registers.

    Attributes
    ----------
    name : str
    function : WindowFunction
    revision : int
        Rises when the samples change; part of the digest of encoders that use the window.
    """

    name: str
    function: WindowFunction
    revision: int = 1


class Window(ValueType):
    """A window function: a name such as ``"hann"``, or a list ``["kaiser", 14.0]`` with arguments.

    The names and arguments are those of `scipy.signal.get_window`. Plugins register further names,
    such as ``"povey"``, which take no arguments. A window is periodic, as spectral analysis
    requires, unless its name ends in ``_symmetric``. Synonyms such as ``"hamm"`` resolve to one
    name, so that equal windows have equal digests. ``"hann"``, ``"boxcar"`` and the windows of
    plugins do not import scipy.signal, which takes about a second.

    Examples
    --------
    >>> Window().check(["kaiser", 14])
    ('kaiser', 14.0)
    """

    def check(self, value: Any) -> str | tuple[Any, ...]:
        name, *arguments = value if isinstance(value, list | tuple) and value else [value]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise RefusedError
        stem, periodic = _split(str.__str__(name))
        if stem != _split(stem)[0]:
            raise RefusedError("A name has one suffix: _periodic or _symmetric.")
        name = _joined(stem, periodic)
        canonical = (name, *(_ARGUMENT.check(argument) for argument in arguments))
        try:
            window_samples(canonical, _CHECKED_SIZE)
        except ValueError as problem:
            names = _names()
            if stem in names or stem in SCIPY_WINDOWS:
                raise RefusedError(str(problem)) from None
            hint = nearest(stem, names) or " scipy.signal.windows lists the names."
            raise RefusedError(hint.strip()) from None
        return canonical if arguments else name

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> str | tuple[Any, ...]:
        name, *arguments = (value,) if isinstance(value, str) else value
        stem, periodic = _split(name)
        name = _joined(_MAIN_NAMES.get(stem, stem), periodic)
        return (name, *arguments) if arguments else name

    def content(self, value: Any) -> Any:
        # A window of a plugin has a revision, as an encoder has: 1 is left out.
        plain = super().content(value)
        name = value if isinstance(value, str) else value[0]
        found = _plugin_window(_split(name)[0])
        return [plain, found[1].revision] if found and found[1].revision != 1 else plain

    def describe(self) -> tuple[str, ...]:
        return ("a window's name", "[name, arguments]")

    def schema(self) -> dict[str, Any]:
        listed = {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "number"}}
        return {"anyOf": [{"type": "string"}, listed | {"minItems": 1}]}

    def examples(self) -> list[Any]:
        return ["hann", "hann_symmetric", "hamming", ["kaiser", 14], ("gaussian", 7.5)]

    def counterexamples(self) -> list[Any]:
        bad = [
            "no window",
            "kaiser",
            "hannn",
            "14",
            ["kaiser", "x"],
            ["kaiser", 1e9],
            ["gaussian", 0],
        ]
        return [*bad, [], 14.0, None, ["hann", 1, 2, 3]]


def window_samples(window: str | tuple[Any, ...], size: int) -> npt.NDArray[np.float64]:
    """Return the samples of a window.

    Parameters
    ----------
    window : str or tuple
        The name, or the name followed by arguments, as `Window` checks them.
    size : int
        The number of samples.

    Returns
    -------
    ndarray of float64, shape (size,)

    Raises
    ------
    ValueError
        The window is unknown, or does not take these arguments.
    PluginConflictError
        Two plugins provide it.
    PluginError
        The plugin's function raises an exception, or does not return `size` finite samples.

    Notes
    -----
    The periodic Hann window is 0.5 - 0.5 cos(2 pi k / size). The symmetric Hann window is
    0.5 - 0.5 cos(2 pi k / (size - 1)), and begins and ends with zero. A window of one sample is 1
    (A7).

    Examples
    --------
    >>> window_samples("hann", 4)
    array([0. , 0.5, 1. , 0.5])
    """
    name, *arguments = (window,) if isinstance(window, str) else window
    name, periodic = _split(name)
    name = _MAIN_NAMES.get(name, name)
    if not arguments and name == "boxcar":
        return np.ones(size)
    if not arguments and name == "hann":
        if size == 1:
            return np.ones(1)
        turns = np.arange(size) / (size if periodic else size - 1)
        hann: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(2 * np.pi * turns)
        return hann
    if found := _plugin_window(name):
        if arguments:
            raise ValueError(f"the window {name!r} takes no arguments.")
        provider, window_function = found[0], found[1].function
        return _plugin_samples(f"plugin {provider}", name, window_function, size, periodic)
    # Late: scipy.signal takes about a second to import.
    from scipy.signal import get_window

    # Some arguments, such as Taylor's first, must be integers; all others may be.
    numbers = [int(number) if number == int(number) else number for number in arguments]
    spec: Any = (name, *numbers) if numbers else name
    try:
        with np.errstate(all="ignore"):
            samples = np.asarray(get_window(spec, size, fftbins=periodic), dtype=np.float64)
    except (TypeError, IndexError, ArithmeticError) as problem:
        raise ValueError(f"the window {window!r} does not take these arguments.") from problem
    if samples.shape != (size,):
        raise ValueError(f"the window {window!r} does not give {size} samples.")
    if not np.isfinite(samples).all():
        raise ValueError(f"the window {window!r} is not finite.")
    return samples


def _split(name: str) -> tuple[str, bool]:
    """Return the name of a window without its suffix, and whether the window is periodic."""
    stem = name.removesuffix("_symmetric")
    return (stem, False) if stem != name else (name.removesuffix("_periodic"), True)


def _joined(stem: str, periodic: bool) -> str:
    """Return the canonical name: the suffix _periodic states the default, and is left out."""
    return stem if periodic else f"{stem}_symmetric"


def _plugin_window(name: str) -> tuple[Provider, NamedWindow] | None:
    """Return a plugin's window with its provider, or None if no plugin registers the name."""
    if name in SCIPY_WINDOWS:
        return None
    # Late: the registry needs the encoders, whose parameters need this module.
    from netencoders import registry

    return registry.window(name)


def _plugin_samples(
    plugin: str, name: str, function: WindowFunction, size: int, periodic: bool
) -> npt.NDArray[np.float64]:
    """Return the samples of a plugin's window; an error names the plugin."""
    if size == 1:
        return np.ones(1)
    try:
        samples = np.array(function(size, periodic), dtype=np.float64)
    except Exception as bug:
        message = f"the window {name!r} raised {type(bug).__name__}: {bug}"
        raise PluginError(message, plugin=plugin) from bug
    if samples.shape != (size,) or not np.isfinite(samples).all():
        raise PluginError(
            f"the window {name!r} does not give {size} finite samples.", plugin=plugin
        )
    return samples


def _names() -> list[str]:
    from scipy.signal import windows

    from netencoders import registry

    return [*registry.window_names(), *(name for name in windows.__all__ if name != "get_window")]
