"""Probes of nets: made when a net is saved, kept in the file, compared by verify."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    EncodeError,
    Encoder,
    NetChain,
    NetEncoder,
    NetFileError,
    NetGraph,
    ProbeError,
    RowLayer,
    SpecError,
    Varying,
    VerificationError,
    registered,
)

MEL = NetEncoder("AudioMelSpectrogram")


class Silent(Encoder):
    """An encoder that makes no signals."""

    name = "Silent"

    def output(self):
        """Return the form."""
        return ArraySpec((Varying, 40), minimum=0)

    def encode(self, value):
        """Return rows."""
        return np.ones((value, 40), np.float32)


class Signals(Silent):
    """An encoder whose signals are numbers of rows."""

    name = "Signals"

    def probe_signals(self):
        """Return two signals."""
        return {"Ones": 3, "None": 1}

    def probe_input(self, signal, length):
        """Return the number."""
        return 0 if signal == "None" else length


class Moved(RowLayer):
    """Adds a number, which a test changes."""

    name = "Moved"
    by = 0.0

    def infer(self, form):
        """Return the form."""
        return form

    def apply(self, rows):
        """Return moved rows."""
        if self.by == "fail":
            raise RuntimeError("broken")
        return rows + np.float32(self.by)


@pytest.fixture(autouse=True)
def _toys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with registered(Silent, Signals, Moved):
        yield


def saved(net, **options):
    """Save a net and load it."""
    net.save("a.netz", force=True, **options)
    return NetGraph.load("a.netz")


def moving(**ports):
    """Return a net that a test can change."""
    return NetChain(["Moved"], **(ports or {"Input": "Signals"}))


def two():
    """Return a net of two input and two output ports."""
    layers = {"a": "Moved", "b": "Moved"}
    edges = [("Left", "a", "Sum"), ("Right", "b", "Other")]
    return NetGraph(layers, edges, Left="Signals", Right=MEL)


@pytest.mark.parametrize("make", [moving, two, lambda: NetChain(["Log", "Mean"], Input=MEL)])
def test_saved_net_has_a_probe_that_holds(make):
    """By default, a file has a probe, and verify compares all of its values."""
    verification = saved(make()).verify()
    assert verification.values >= 4
    assert 0 == verification.difference
    assert str(verification) in repr(verification)
    assert "the net" == verification.owner


def test_probe_states_signals_shapes_and_values():
    """The probe has the signal of each port, and values of each output."""
    probe = two().probe(tolerance=0.25)
    assert {
        "Left": {"signal": "Ones", "length": 3},
        "Right": {"signal": "Syllables", "length": 47999},
    } == probe["inputs"]
    assert {"Sum": [3, 40], "Other": [359, 40]} == probe["shape"]
    assert 0.25 == probe["tolerance"]
    assert {"Sum", "Other"} == {value["array"] for value in probe["values"]}


def test_probe_takes_a_signal_and_a_length():
    """The signal and the length are those of all ports."""
    probe = moving().probe("Ones", 7)
    assert ({"Input": {"signal": "Ones", "length": 7}}, [7, 40]) == (
        probe["inputs"],
        probe["shape"],
    )


def test_default_tolerance_is_relative():
    """The tolerance is 1e-4 of the largest magnitude."""
    assert 1e-4 == moving().probe()["tolerance"]


def test_probe_of_the_caller_is_saved():
    """The argument may be the result of `probe`."""
    probe = moving().probe(length=9, tolerance=0.5)
    loaded = saved(moving(), probe=probe)
    assert 0.5 == loaded.verify().tolerance
    loaded.save("b.netz")  # the probe of the file stays
    assert Path("a.netz").read_bytes() == Path("b.netz").read_bytes()


@pytest.mark.parametrize(
    "probe", [5, {}, {"inputs": 1}, {"inputs": {}}, {"inputs": {"Input": 1}}, {"inputs": {"a": {}}}]
)
def test_probe_of_another_form_is_refused(probe):
    """A mapping that is not a probe is not saved."""
    with pytest.raises(SpecError, match="of a probe"):
        moving().save("a.netz", probe=probe)
    assert not Path("a.netz").exists()


def test_probe_may_be_left_out():
    """Without a probe, verify says how to get one."""
    loaded = saved(moving(), probe=False)
    assert "probe" not in zipfile.ZipFile("a.netz").read("net.yaml").decode()
    with pytest.raises(ProbeError, match=re.escape("no probe to compare with. net.save states o")):
        loaded.verify()


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (NetChain(["Log"]), "the input port 'Input' has no encoder that makes a signal"),
        (lambda: moving(Input="Silent"), "the encoder of the input port 'Input' makes no signals"),
        (
            lambda: NetGraph({"a": "Moved"}, [("In", "a", "A b"), ("a", "B")], In="Signals"),
            "the names of the output ports are not letters, digits and underscores",
        ),
    ],
)
def test_net_without_signals_has_no_probe(net, reason):
    """Such nets are saved without a probe, and `probe` says why."""
    net = net if isinstance(net, NetGraph) else net()
    assert "probe:" not in (saved(net) and zipfile.ZipFile("a.netz").read("net.yaml").decode())
    with pytest.raises(ProbeError, match=f"the net can have no probe: {reason}"):
        net.probe()


def test_output_without_elements_is_refused():
    """A probe needs values; the message has the remedy."""
    with pytest.raises(ProbeError, match="the net: the array of the signal has the shape"):
        moving().probe("None")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signal": "Twos"}, "makes no signal 'Twos'"),
        ({"length": 0}, "the length of a signal must be an integer from 1"),
        ({"tolerance": -1}, "the net: the tolerance must be a number >= 0. Got -1"),
    ],
)
def test_arguments_of_a_probe_are_checked(arguments, message):
    """As for encoders."""
    with pytest.raises(ProbeError, match=message):
        moving().probe(**arguments)


def test_net_that_fails_for_its_signal_is_not_saved(monkeypatch):
    """The error of the layer is raised, and no file is written."""
    monkeypatch.setattr(Moved, "by", "fail")
    with pytest.raises(EncodeError, match="broken"):
        moving().save("a.netz")
    assert not Path("a.netz").exists()


def test_values_that_differ_fail(monkeypatch):
    """The error lists values, the place by its axes, and the versions."""
    loaded = saved(two())
    monkeypatch.setattr(Moved, "by", 0.5)
    with pytest.raises(VerificationError) as caught:
        loaded.verify()
    text = str(caught.value)
    assert text.startswith("the net: the net does not give the values of its probe:\n")
    assert re.search(r"\n  Sum \[\d, \d+\]: expected 1, got 1.5, 0.5 apart\.\n", text)
    assert f"numpy {np.__version__}" in text
    assert "save the net with probe=net.probe(tolerance=...)" in text
    assert "net" == caught.value.kind


def test_difference_within_the_tolerance_passes(monkeypatch):
    """A wide tolerance, as for a quantised model, allows a difference."""
    loaded = saved(moving(), probe=moving().probe(tolerance=1.0))
    monkeypatch.setattr(Moved, "by", 0.5)
    assert 0.5 == loaded.verify().difference


def test_other_shape_fails():
    """A probe of another shape."""
    probe = moving().probe(length=9)
    probe["inputs"]["Input"]["length"] = 8
    with pytest.raises(
        VerificationError, match=r"the shape is \(8, 40\), and the probe has \(9, 40"
    ):
        saved(moving(), probe=probe).verify()


def test_failing_layer_fails_the_verification(monkeypatch):
    """A net that cannot be evaluated any more."""
    loaded = saved(moving())
    monkeypatch.setattr(Moved, "by", "fail")
    with pytest.raises(VerificationError, match="the net cannot be evaluated for its signals: "):
        loaded.verify()


def test_signal_that_is_gone_is_a_probe_error(monkeypatch):
    """An encoder that makes other signals now."""
    loaded = saved(moving())
    monkeypatch.setattr(Signals, "probe_signals", lambda self: {"Zeros": 3})
    with pytest.raises(ProbeError, match="makes no signal 'Ones'"):
        loaded.verify()


def test_changed_net_has_no_probe():
    """A net with another layer or encoder does not have the values of the file."""
    loaded = saved(moving())
    for changed in (loaded.append("Log"), loaded.replace(Input=MEL)):
        with pytest.raises(ProbeError, match="a changed net has none"):
            changed.verify()


def test_probe_for_other_ports_is_refused():
    """A probe whose ports are not those of the net."""
    probe = moving().probe()
    probe["inputs"] = {"Other": probe["inputs"]["Input"]}
    with pytest.raises(ProbeError, match="the net has other input ports than its probe"):
        saved(moving(), probe=probe).verify()


def test_loading_does_not_run_the_net(monkeypatch):
    """Only verify evaluates the probe."""
    moving().save("a.netz")
    monkeypatch.setattr(Moved, "by", "fail")
    assert NetGraph.load("a.netz").digest == moving().digest


def test_probe_in_the_file_is_checked():
    """A probe that is not one is an error of the file."""
    moving().save("a.netz")
    text = zipfile.ZipFile("a.netz").read("net.yaml").decode()
    with zipfile.ZipFile("b.netz", "w") as file:
        file.writestr("net.yaml", text.replace("      signal: Ones", "      signal: []"))
    with pytest.raises(NetFileError, match=r"b\.netz: net\.yaml, probe: .*'signal' must be the na"):
        NetGraph.load("b.netz")
