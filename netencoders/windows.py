"""Window functions: the value type that names one, and the samples that it stands for."""

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
_ARGUMENT = Real(-10_000, 10_000)  # a Taylor window takes time with the square of its argument
_CHECKED_SIZE = 512  # long enough for what scipy refuses short windows, such as ["dpss", 5]
_SUFFIXES = {"_periodic": True, "_symmetric": False}
_ENDINGS = tuple(_SUFFIXES)
# The other names of scipy's windows, by the name that is used for the digest.
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
"""The names that scipy.signal.get_window takes, without the second that its import takes."""


class WindowFunction(Protocol):
    """The type of the functions that plugins register as windows, by `register_windows`."""

    def __call__(self, size: int, periodic: bool, /) -> npt.NDArray[np.float64]:
        """Return the samples of the window.

        Parameters
        ----------
        size : int
            The number of samples, at least 2: a window of one sample is 1 (A7).
        periodic : bool
            Whether the window is periodic, or symmetric.

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
    """A window function by name: ``"hann"``, or with arguments ``["kaiser", 14.0]``.

    Names and arguments are those of `scipy.signal.get_window`, and the names that plugins register
    (``"povey"``, for instance), which take no arguments. A window is periodic, as spectral
    analysis wants it, unless its name ends in ``_symmetric``. ``"hann"``, ``"boxcar"`` and the
    windows of plugins do without scipy.signal, whose import takes about a second. Synonyms, such
    as ``"hamm"``, resolve to one name, so that equal windows have equal digests.
    """

    def check(self, value: Any) -> str | tuple[Any, ...]:
        name, *arguments = value if isinstance(value, list | tuple) and value else [value]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise RefusedError
        # Without a suffix a window is periodic: one window has one name, and one digest.
        given = str.__str__(name)
        name = given.removesuffix("_periodic")
        stem = name if name != given else name.removesuffix("_symmetric")
        if stem.endswith(_ENDINGS):
            raise RefusedError("A name has one suffix: _periodic or _symmetric.")
        canonical = (name, *(_ARGUMENT.check(argument) for argument in arguments))
        try:
            window_samples(canonical, _CHECKED_SIZE)
        except ValueError as problem:
            stem, names = name.removesuffix("_symmetric"), _names()
            if stem in names or stem in SCIPY_WINDOWS:
                raise RefusedError(str(problem)) from None
            hint = nearest(stem, names) or " scipy.signal.windows lists the names."
            raise RefusedError(hint.strip()) from None
        return canonical if arguments else name

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> str | tuple[Any, ...]:
        name, *arguments = (value,) if isinstance(value, str) else value
        stem = name.removesuffix("_symmetric")
        name = _MAIN_NAMES.get(stem, stem) + name[len(stem) :]
        return (name, *arguments) if arguments else name

    def content(self, value: Any) -> Any:
        # A window of a plugin has a revision, as an encoder has: 1 is left out.
        plain = super().content(value)
        name = value if isinstance(value, str) else value[0]
        found = _plugin_window(name.removesuffix("_symmetric"))
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
        How many samples.

    Returns
    -------
    ndarray of float64, shape (size,)

    Raises
    ------
    ValueError
        There is no such window, or its arguments do not fit it.
    PluginConflictError
        Two plugins provide it.
    PluginError
        The plugin's function raises, or gives no `size` finite samples.

    Notes
    -----
    The periodic Hann window is 0.5 - 0.5 cos(2 pi k / size); the symmetric one ends at zero on both
    sides: 0.5 - 0.5 cos(2 pi k / (size - 1)). A window of one sample is 1 (A7).

    Examples
    --------
    >>> window_samples("hann", 4)
    array([0. , 0.5, 1. , 0.5])
    """
    name, *arguments = (window,) if isinstance(window, str) else window
    periodic = True
    for suffix, meaning in _SUFFIXES.items():
        if name.endswith(suffix):
            name, periodic = name.removesuffix(suffix), meaning
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
    """Return the samples of a plugin's window; name the plugin if they are no window."""
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
