"""The sessions of onnxruntime for one model, and its errors as PortErrors."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from netencoders import worker_count
from netencoders.errors import PortError, printable
from netencoders.parameters import short
from netencoders.workers import undisturbed
from netencoders_onnx.source import Source

__all__ = ["Given", "Sessions", "imported", "run_problem"]

CPU: Final = "CPUExecutionProvider"
Provider = str | tuple[str, Mapping[str, Any]]


def imported() -> Any:
    """Return the module onnxruntime.

    Raises
    ------
    PortError
        It is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise PortError(
            "ONNX models need onnxruntime, which cannot be imported "
            f"({error}). Run: pip install 'netencoders[onnx]'."
        ) from error
    return onnxruntime


class Given:
    """A session that the caller has made; it is used as it is."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def session(self) -> Any:
        """Return the session."""
        return self._session


class Sessions:
    """At most two sessions of a model: with one thread, and with the threads of the process.

    A worker thread of `map` uses the first, because other threads run beside it; any other thread
    uses the second. A session is made when it is first needed. Any number of threads use it.
    """

    def __init__(self, source: Source, providers: Sequence[Provider] | None) -> None:
        self._source = source
        self._providers = _checked(providers)
        self._made: dict[bool, Any] = {}
        # Only threads without signal handlers take it, so that no interrupt can leak it.
        self._lock = threading.Lock()

    def session(self) -> Any:
        """Return the session for the calling thread.

        Raises
        ------
        PortError
            onnxruntime is missing, or refuses the model.
        """
        threads = worker_count()
        found = self._made.get(threads > 1)
        return found if found is not None else undisturbed(lambda: self._make(threads))

    def _make(self, threads: int) -> Any:
        is_several = threads > 1
        with self._lock:
            if is_several not in self._made:
                self._made[is_several] = _session(self._source, self._providers, threads)
            return self._made[is_several]


def _checked(providers: Sequence[Provider] | None) -> list[Provider]:
    given: Any = [CPU] if providers is None else providers
    names = [
        each[0] if isinstance(each, tuple) and len(each) == 2 else each
        for each in (given if isinstance(given, list | tuple) else [None])
    ]
    if not names or not all(isinstance(name, str) for name in names):
        raise PortError(
            "providers must be a list of names of providers of onnxruntime, such as "
            f"['CUDAExecutionProvider', '{CPU}'], or of pairs of a name and options. "
            f"Got {short(providers)}."
        )
    return list(given)


def _session(source: Source, providers: Sequence[Provider], threads: int) -> Any:
    runtime = undisturbed(imported)
    names = [each if isinstance(each, str) else each[0] for each in providers]
    available = runtime.get_available_providers()
    missing = [name for name in names if name not in available]
    if not missing:
        options = runtime.SessionOptions()
        options.log_severity_level = 4  # errors arrive as exceptions
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.load_model_format", "ONNX")
        # Threads that wait for work in a loop would take the processors from the encoders.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = source.arguments(options)
        try:
            session = runtime.InferenceSession(
                model, options, providers=list(providers), enable_fallback=0
            )
        except Exception as error:  # the classes of onnxruntime have no common base
            raise _load_problem(error, source, runtime.__version__) from error
        missing = [name for name in names if name not in session.get_providers()]
        if not missing:
            return session
    raise PortError(
        f"{source.name}: this onnxruntime cannot use the provider {missing[0]!r}. It has: "
        f"{', '.join(available)}. Install the package of onnxruntime with it, or its libraries."
    )


def _load_problem(error: Exception, source: Source, version: str) -> PortError:
    """Return the PortError for an exception of onnxruntime while it reads a model."""
    text, name = _one_line(error), source.name
    upgrade = f"This onnxruntime is {version}. Upgrade it: pip install -U onnxruntime."
    if found := re.search(r"IR version: (\d+), max supported IR version: (\d+)", text):
        return PortError(
            f"{name}: the model has the version {found[1]} of the ONNX format (IR), and this "
            f"onnxruntime reads versions up to {found[2]}. {upgrade}"
        )
    if found := re.search(r"Opset (\d+) is under .* for domain (\S+) is till opset (\d+)", text):
        return PortError(
            f"{name}: the model has opset {found[1]} of the domain {found[2]}, and this "
            f"onnxruntime has opsets up to {found[3]}. {upgrade}"
        )
    found = re.search(r"(?:error: |node: )?(\S*):(\w+)\(-?\d*\) is not a registered", text)
    if found or (found := re.search(r"No Op registered for ()(\w+) ", text)):
        domain = f" of the domain {found[1]!r}" if found[1] else ""
        return PortError(
            f"{name}: the model has the operator {found[2]!r}{domain}, which this onnxruntime "
            f"({version}) does not have. Upgrade it, or give an InferenceSession with the library "
            "of the operators."
        )
    return PortError(f"{name}: onnxruntime {version} cannot load the model: {text}.")


def run_problem(error: Exception, shapes: Mapping[str, tuple[int, ...]]) -> Exception:
    """Return the PortError for an exception of onnxruntime while it runs; another one unchanged."""
    if not type(error).__module__.startswith("onnxruntime."):
        return error
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    return PortError(
        f"onnxruntime refuses the inputs, of the shapes {listed}: {_one_line(error)}. Give arrays "
        "whose shapes fit the model and each other."
    )


def _one_line(error: Exception) -> str:
    """Return the text of an exception of onnxruntime without its code and places in C++."""
    text = " ".join(str(error).split())
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)
    text = re.sub(r"\S*/onnxruntime\S*:\d+ .*?\) (?=[A-Z])", "", text)
    return printable(text[:500]).rstrip(". ")
