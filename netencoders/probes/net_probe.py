"""The probe of a net: the signals of its input ports, and expected values of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from netencoders.errors import ProbeError, VerificationError
from netencoders.parameters import is_name
from netencoders.probes.environment import environment
from netencoders.probes.measure import chosen_signal, expectation, signal_input, signals_of
from netencoders.probes.verification import Verification, differences
from netencoders.yaml_specs.probe import Probe

if TYPE_CHECKING:
    from netencoders.graph import NetGraph

__all__ = ["NetProbe", "measured_net", "probe_problem", "verify_net"]

OWNER = "the net"


@dataclass(frozen=True)
class NetProbe:
    """The expected result of a net for a signal at each input port.

    Attributes
    ----------
    probes : mapping of str to Probe
        The probe of each input port. They differ in the signal and its length.
    """

    probes: Mapping[str, Probe]

    @property
    def expected(self) -> Probe:
        """The expected values, which are the same for all ports."""
        return next(iter(self.probes.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the probe as JSON values."""
        inputs = {
            port: {"signal": probe.signal, "length": probe.length}
            for port, probe in self.probes.items()
        }
        expected = self.expected.to_dict()
        return {"inputs": inputs, **{key: expected[key] for key in _EXPECTED}}

    @classmethod
    def from_dict(cls, content: Any) -> NetProbe:
        """Return the probe of JSON values.

        Raises
        ------
        SpecError
            They are not those of `to_dict`.
        """
        if not isinstance(content, Mapping):
            return cls({"": Probe.from_dict(content)})  # it raises the error
        inputs = content.get("inputs")
        rest = {key: value for key, value in content.items() if key != "inputs"}
        if not isinstance(inputs, Mapping) or not inputs:
            return cls({"": Probe.from_dict({"inputs": inputs, **rest})})
        return cls(
            {port: Probe.from_dict(_joined(signal, rest)) for port, signal in inputs.items()}
        )


_EXPECTED = ("shape", "tolerance", "values")


def _joined(signal: Any, rest: Mapping[str, Any]) -> Any:
    """Return the mapping of a Probe."""
    return {**signal, **rest} if isinstance(signal, Mapping) else signal


def probe_problem(net: NetGraph) -> str:
    """Return the reason why a net cannot have a probe, or an empty text."""
    for port in net.inputs:
        encoder = net.encoders.get(port)
        if encoder is None:
            return f"the input port {port!r} has no encoder that makes a signal"
        if not signals_of(encoder):
            return f"the encoder of the input port {port!r} makes no signals"
    if len(net.outputs) > 1 and not all(map(is_name, net.outputs)):
        return "the names of the output ports are not letters, digits and underscores"
    return ""


def measured_net(
    net: NetGraph, signal: str | None, length: int | None, tolerance: float | None
) -> NetProbe:
    """Return the probe that holds for a net in this installation.

    Raises
    ------
    ProbeError
        The net cannot have a probe, an argument is not valid, or the outputs have no elements, or
        elements that are not finite numbers.
    EncodeError, PortError, Exception
        The net cannot be evaluated for the signal.
    """
    problem = probe_problem(net)
    if problem:
        raise ProbeError(f"{OWNER} can have no probe: {problem}.")
    signals = {
        port: chosen_signal(encoder, signal, length) for port, encoder in net.encoders.items()
    }
    arrays = _arrays(net, _values(net, signals))
    axes = {port: form.stream_axis for port, form in net.outputs.items() if form is not None}
    expected = expectation(OWNER, arrays, axes, tolerance)
    return NetProbe({port: Probe(name, size, *expected) for port, (name, size) in signals.items()})


def verify_net(net: NetGraph, probe: NetProbe | None) -> Verification:
    """Evaluate a net for the signals of its probe, and compare the values.

    Raises
    ------
    ProbeError
        There is no probe, or an encoder does not make its signal.
    VerificationError
        An output differs, or the net cannot be evaluated.
    """
    if probe is None:
        raise ProbeError(
            f"{OWNER} has no probe to compare with. net.save states one, if each input port has an "
            "encoder that makes signals, and NetGraph.load reads it; a changed net has none."
        )
    if set(probe.probes) != set(net.encoders):
        raise ProbeError(f"{OWNER} has other input ports than its probe.")
    values = _values(net, {port: (each.signal, each.length) for port, each in probe.probes.items()})
    forms = net.outputs if len(net.outputs) > 1 else {"Output": next(iter(net.outputs.values()))}
    try:
        arrays = _arrays(net, values)
    except Exception as problem:  # a layer may raise anything
        text = f"the net cannot be evaluated for its signals: {type(problem).__name__}: {problem}"
        raise VerificationError(OWNER, [text], _environment(net), "net") from problem
    problems, largest = differences(probe.expected, arrays, forms)
    if problems:
        raise VerificationError(OWNER, problems, _environment(net), "net")
    expected = probe.expected
    return Verification(OWNER, len(expected.values), largest, expected.tolerance)


def _values(net: NetGraph, signals: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Return the input of each port for its signal."""
    return {port: signal_input(net.encoders[port], *signal) for port, signal in signals.items()}


def _arrays(net: NetGraph, values: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Return the outputs for some inputs; the name of the only one is empty."""
    result = net._evaluate(values)
    named = result if len(net.outputs) > 1 else {"": result}
    return {name: np.asarray(value) for name, value in named.items()}


def _environment(net: NetGraph) -> dict[str, str]:
    found: dict[str, str] = {}
    for encoder in net.encoders.values():
        found |= environment(encoder)
    return found
