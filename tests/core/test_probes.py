"""Probes: `probe` measures the values of a signal, and `verify` compares them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    EncodeError,
    Encoder,
    Integer,
    NetEncoder,
    Parameter,
    PluginError,
    ProbeError,
    Real,
    SpecError,
    Varying,
    VerificationError,
    registered,
)
from netencoders.pickling import restore, state
from netencoders.probes.places import chosen_places
from netencoders.yaml_specs.probe import MAX_LENGTH


class Ramp(Encoder):
    """The multiples of Step up to a number, beside their negatives."""

    name = "Ramp"
    parameters = (
        Parameter("Step", Real(), default=0.5, doc="the step"),
        Parameter("Columns", Integer(1, 9), default=2, doc="the number of columns"),
    )

    def output(self) -> ArraySpec:
        """Return the form (n, Columns)."""
        axes = (Axis("time", "s", 0.25, 1.0), Axis("channel"))
        return ArraySpec((Varying, self.resolved["Columns"]), axes=axes, minimum=0)

    def encode(self, value: Any) -> Any:
        """Return the array of a number."""
        column = np.arange(value, dtype=np.float32) * np.float32(self.resolved["Step"])
        signs = (-1) ** np.arange(self.resolved["Columns"])
        return (column[:, np.newaxis] * signs).astype(np.float32)

    def probe_signals(self) -> Any:
        """Return two signals."""
        return {"Rising": 20, "Short": 3}

    def probe_input(self, signal: str, length: int) -> Any:
        """Return the number."""
        return length

    def libraries(self) -> Any:
        """Return a version."""
        return {"lib of ramps": "1.5"}


class Several(Ramp):
    """Two named arrays."""

    name = "Several"

    def output(self) -> Any:
        """Return two forms, one without axes."""
        return {"ramp": super().output(), "size": ArraySpec((), "int64")}

    def encode(self, value: Any) -> Any:
        """Return both arrays."""
        return {"ramp": super().encode(value), "size": np.array(value + int(self.resolved["Step"]))}


class Mute(Ramp):
    """A ramp that makes no signals."""

    name = "Mute"
    probe_signals = Encoder.probe_signals
    probe_input = Encoder.probe_input


@pytest.fixture(autouse=True)
def _ramps() -> Iterator[None]:
    """Register the encoders."""
    with registered(Ramp, Several, Mute):
        yield


def with_probe(encoder: NetEncoder, name: str = "") -> dict[str, Any]:
    """Return the spec of an encoder with its probe."""
    return {**({"name": name} if name else {}), **encoder.to_dict(probe=True)}


def verified(**changes: Any) -> NetEncoder:
    """Return the encoder of a spec whose probe holds for the defaults."""
    spec = with_probe(NetEncoder("Ramp"), "Mine")
    return NetEncoder.from_dict({**spec, "parameters": {**spec["parameters"], **changes}})


def variant(**body: Any) -> type[Encoder]:
    """Return a class that replaces methods of Ramp."""
    return type("Variant", (Ramp,), {"__doc__": "A ramp.", "name": "Variant", **body})


def test_probe_is_the_declaration_of_the_signal() -> None:
    """The mapping has the signal, its length, the shape, the tolerance and 16 values."""
    probe = NetEncoder("Ramp").probe()
    values = probe.pop("values")
    assert {"signal": "Rising", "length": 20, "shape": [20, 2], "tolerance": 0.0009} == probe
    assert len(values) <= 16
    assert {-9.5, 9.5} <= {item["value"] for item in values}
    for item in values:
        row, column = item["at"]
        assert row * 0.5 * (-1) ** column == item["value"]


def test_arguments_choose_signal_length_and_tolerance() -> None:
    """The arguments replace the defaults."""
    probe = NetEncoder("Ramp").probe("Short", 2, 0.25)
    assert ("Short", 2, 0.25) == (probe["signal"], probe["length"], probe["tolerance"])
    assert [[0, 0], [0, 1], [1, 0], [1, 1]] == [item["at"] for item in probe["values"]]


def test_next_probe_has_the_signal_of_the_stated_one() -> None:
    """Without arguments, the signal and the length are those of the spec."""
    spec = {"schema": 1, "encoder": "Ramp", "probe": NetEncoder("Ramp").probe("Short", 7)}
    encoder = NetEncoder.from_dict(spec)
    assert spec["probe"] == encoder.probe()
    assert 20 == encoder.probe("Rising")["length"]
    assert 5 == encoder.probe(length=5)["length"]


@pytest.mark.parametrize(
    ("name", "layers"),
    [("Ramp", []), ("Ramp", ["Transpose"]), ("Ramp", ["Log", "Transpose"]), ("Several", [])],
)
def test_verify_of_a_probe_passes(name: str, layers: list[str]) -> None:
    """Probe, YAML, from_yaml, verify: a law, with layers and for several arrays."""
    encoder = NetEncoder(name)
    for layer in layers:
        encoder = encoder.then(layer, **({"Floor": 1e-3} if layer == "Log" else {}))
    text = encoder.to_yaml(probe=True)
    again = NetEncoder.from_yaml(text)
    assert text == again.to_yaml(probe=True)
    assert encoder == again
    result = again.verify()
    assert (name, 0) == (result.owner, result.difference)
    assert len(encoder.probe()["values"]) == result.values
    assert encoder.probe()["tolerance"] == result.tolerance


def test_result_has_a_short_repr() -> None:
    """The repr has the numbers, and str is the part that the command prints."""
    result = verified(Step=0.500001).verify()
    assert 1.9e-5 == pytest.approx(result.difference, rel=0.1)
    text = "13 values, largest difference 1.9e-05, tolerance 0.0009"
    assert (f"<Verification of Mine: {text}>", text) == (repr(result), str(result))
    one = NetEncoder.from_dict(with_probe(NetEncoder("Ramp", Columns=1)) | one_value()).verify()
    assert "1 value, largest difference 0, tolerance 0" == str(one)


def one_value() -> dict[str, Any]:
    """Return the key of a probe of one value."""
    values = [{"at": [1, 0], "value": 0.5}]
    probe = {"signal": "Rising", "length": 3, "shape": [3, 1], "tolerance": 0, "values": values}
    return {"probe": probe}


def test_changed_number_fails_with_the_values_and_the_environment() -> None:
    """The message has the place, both values, the difference, the tolerance and the versions."""
    with pytest.raises(VerificationError) as caught:
        verified(Step=0.6).verify()
    head, count, first, *_, environment, remedy = str(caught.value).split("\n  ")
    assert "Mine: the encoder does not give the values of its probe:" == head
    assert "11 of 13 values differ by more than the tolerance 0.0009, the largest by 1.9:" == count
    assert "[2, 1] (time 1.5 s, channel 1): expected -1, got -1.2, 0.2 apart." == first
    assert "6 more." == caught.value.problems[-1]
    for name in ("netencoders 0", "numpy 2", "lib of ramps 1.5", "Python 3", "this process"):
        assert name in environment
    assert "If the spec was changed, write a new probe" in remedy
    assert {"numpy": np.__version__} | caught.value.environment == caught.value.environment
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(caught.value) == str(again)


def test_other_shape_fails_with_both_shapes() -> None:
    """Another shape is told before any value."""
    with pytest.raises(VerificationError, match=r"shape is \(20, 3\), and the probe has \(20, 2\)"):
        verified(Columns=3).verify()
    spec = with_probe(NetEncoder("Several"))
    with pytest.raises(VerificationError, match=r"is ramp \(20, 3\), size \(\), and the probe has"):
        NetEncoder.from_dict({**spec, "parameters": {"Columns": 3}}).verify()


def test_named_array_is_named() -> None:
    """The message about one of several arrays names it; one without dimensions has no index."""
    spec = with_probe(NetEncoder("Several", Step=1))
    values = [{"array": "size", "at": [], "value": 22}]
    probe = {**spec["probe"], "values": values, "tolerance": 0}
    with pytest.raises(VerificationError, match=r"size \[\]: expected 22, got 21, 1 apart\."):
        NetEncoder.from_dict({**spec, "probe": probe}).verify()


@pytest.mark.parametrize("dtype", ["float64", "float16", "int16", "uint8", "bool", "complex64"])
def test_values_of_every_type_pass(dtype: str) -> None:
    """The numbers of every type pass through YAML without a difference that matters."""
    rows = np.array([[0, 1], [1, 0.1], [0.3, 2 / 3]]) * (1j if dtype == "complex64" else 1)
    cls = variant(
        output=lambda self: ArraySpec((Varying, 2), dtype),
        encode=lambda self, value: rows.astype(dtype),
    )
    with registered(cls):
        text = NetEncoder("Variant").to_yaml(probe=True)
        assert NetEncoder.from_yaml(text).verify().difference < 1e-7
        assert ("tolerance: 0.0\n" in text) == (dtype in ("int16", "uint8", "bool"))
        bad = NetEncoder.from_yaml(text.replace("value: 1", "value: 3").replace(", 1.0]", ", 3.0]"))
        with pytest.raises(VerificationError, match=r"expected 3|3j"):
            bad.verify()


def test_array_without_dimensions_passes() -> None:
    """One number is an array with one value, whose index is empty."""
    cls = variant(
        output=lambda self: ArraySpec(()),
        encode=lambda self, value: np.array(value, np.float32),
    )
    with registered(cls):
        encoder = NetEncoder.from_dict(with_probe(NetEncoder("Variant")))
        assert [{"at": [], "value": 20.0}] == encoder.probe()["values"]
        assert 1 == encoder.verify().values


def test_tolerance_of_zeros_is_not_zero() -> None:
    """An array of zeros has a tolerance, because zeros of a computation may be tiny numbers."""
    assert 1e-4 == NetEncoder("Ramp", Step=0).probe()["tolerance"]


def test_nan_is_a_difference() -> None:
    """NaN is a difference, although it compares as neither larger nor smaller."""

    def encode(self: Any, value: Any) -> Any:
        rows = Ramp.encode(self, value)
        rows[1] = np.nan if broken else 1
        return rows

    broken = False
    with registered(variant(encode=encode)):
        spec = NetEncoder("Variant").to_dict()
        values = [{"at": [1, 0], "value": 1.0}]
        probe = {"signal": "Rising", "length": 3, "shape": [3, 2], "tolerance": 1, "values": values}
        encoder = NetEncoder.from_dict({**spec, "probe": probe})
        assert 1 == encoder.verify().values
        broken = True
        with pytest.raises(VerificationError, match="expected 1, got nan, nan apart"):
            encoder.verify()


def test_stream_that_differs_fails() -> None:
    """A stream with other bits than the call fails, although the values of the call are right."""

    def stream(self: Any, value: Any) -> Iterator[Any]:
        yield self.encode(value)[:1]
        yield self.encode(value)[1:] * np.float32(1 + 2**-23)

    with registered(variant(stream=stream)):
        encoder = NetEncoder.from_dict(with_probe(NetEncoder("Variant")))
        with pytest.raises(VerificationError, match="a stream gives other bits than a call"):
            encoder.verify()


def test_stream_that_needs_a_second_reading_is_left_out() -> None:
    """An input that can be read once, with a layer that reads twice, is compared by the call."""
    cls = variant(
        probe_input=lambda self, signal, length: iter(range(length)),
        encode=lambda self, value: Ramp.encode(self, len(list(value))),
    )
    with registered(cls):
        encoder = NetEncoder("Variant").then("Standardize")
        assert NetEncoder.from_dict(with_probe(encoder)).verify().values


def test_signal_that_cannot_be_encoded_fails() -> None:
    """An error of the encoder is a failed verification, with the error as its cause."""

    def encode(self: Any, value: Any) -> Any:
        if broken:
            raise EncodeError("too short", code="too-short", remedy="give more")
        return Ramp.encode(self, value)

    broken = False
    with registered(variant(encode=encode)):
        encoder = NetEncoder.from_dict(with_probe(NetEncoder("Variant")))
        broken = True
        text = "the signal Rising of length 20 cannot be encoded: .*too short .give more."
        with pytest.raises(VerificationError, match=text) as caught:
            encoder.verify()
        assert isinstance(caught.value.__cause__, EncodeError)
        with pytest.raises(EncodeError, match="too short"):
            encoder.probe()


def test_encoder_without_a_probe_names_the_remedy() -> None:
    """Without a probe, the error says how to get one."""
    text = "Ramp: there is no probe to compare with. .*netencoders probe SPEC writes it"
    with pytest.raises(ProbeError, match=text):
        NetEncoder("Ramp").verify()


def test_encoder_without_signals_is_named() -> None:
    """An encoder without signals has no probe, and a stated one is an error of the plugin."""
    text = "Mute: the encoder Mute makes no signals, so it can have no probe"
    with pytest.raises(ProbeError, match=text):
        NetEncoder("Mute").probe()
    with pytest.raises(ProbeError, match=text):
        NetEncoder.from_dict({**with_probe(NetEncoder("Ramp")), "encoder": "Mute"}).verify()
    with pytest.raises(ProbeError, match=r"^Mute makes no signals for probes\.$"):
        NetEncoder("Mute")._encoder.probe_input("Rising", 1)


def test_unknown_signal_is_named() -> None:
    """A signal that the encoder does not make is refused, in a call and in a spec."""
    text = "Ramp: the encoder Ramp makes no signal 'Risin'. Did you mean 'Rising'?"
    with pytest.raises(ProbeError) as caught:
        NetEncoder("Ramp").probe("Risin")
    assert text == str(caught.value)
    spec = with_probe(NetEncoder("Ramp"))
    spec["probe"]["signal"] = "Other"
    with pytest.raises(ProbeError, match=r"makes no signal 'Other'\. Known: Rising, Short\."):
        NetEncoder.from_dict(spec).verify()


@pytest.mark.parametrize("length", [0, -1, MAX_LENGTH + 1, 2.0, True, "3"])
def test_bad_length_is_refused(length: Any) -> None:
    """The length is an integer with an upper bound, so that no spec fills the memory."""
    with pytest.raises(ProbeError, match=r"must be an integer from 1 to 16777216\. Got "):
        NetEncoder("Ramp").probe(length=length)


@pytest.mark.parametrize("tolerance", [-1, float("inf"), float("nan"), True, "1"])
def test_bad_tolerance_is_refused(tolerance: Any) -> None:
    """The tolerance is a number that is not negative."""
    with pytest.raises(ProbeError, match=r"Ramp: the tolerance must be a number >= 0\. Got "):
        NetEncoder("Ramp").probe(tolerance=tolerance)


def test_array_without_values_has_no_probe() -> None:
    """An array without elements, or with NaN, is refused with the reason."""
    empty = variant(probe_input=lambda self, signal, length: 0)
    with registered(empty), pytest.raises(ProbeError, match=r"shape \(0, 2\), and no elements"):
        NetEncoder("Variant").probe()
    nan = variant(encode=lambda self, value: np.full((value, 2), np.nan, np.float32))
    with registered(nan), pytest.raises(ProbeError, match=r"Variant: .* contains NaN or infinity"):
        NetEncoder("Variant").probe()


def test_too_many_arrays_have_no_probe() -> None:
    """Values of too many named arrays do not fit into a probe."""
    names = [f"a{index}" for index in range(200)]
    many = variant(
        output=lambda self: dict.fromkeys(names, ArraySpec(())),
        encode=lambda self, value: dict.fromkeys(names, np.array(0, np.float32)),
    )
    with registered(many), pytest.raises(ProbeError, match="no more than 256 values"):
        NetEncoder("Variant").probe()


def test_bug_of_a_plugin_names_the_plugin() -> None:
    """An exception of the methods of a plugin is a PluginError."""

    def fails(*arguments: Any) -> Any:
        raise ZeroDivisionError("oops")

    for body in ({"probe_signals": fails}, {"probe_input": fails}):
        with (
            registered(variant(**body)),
            pytest.raises(PluginError, match="ZeroDivisionError: oop"),
        ):
            NetEncoder("Variant").probe()
    with registered(variant(libraries=lambda self: {"a": 1})):
        encoder = NetEncoder.from_dict({**with_probe(NetEncoder("Variant")), **one_value()})
        with pytest.raises(PluginError, match=r"libraries\(\) must return a mapping of names"):
            encoder.verify()


def test_other_values_drop_the_probe() -> None:
    """A probe holds for the values of its spec only; the error of `verify` gives the reason."""
    encoder = verified()
    assert "Mine" == encoder.spec
    for changed in (encoder.replace(Step=2), encoder.then("Transpose")):
        assert "" == changed.spec
        with pytest.raises(ProbeError, match=r"a parameter or a layer differs from Mine\. Verify"):
            changed.replace(Columns=4).verify()
    nameless = NetEncoder.from_dict(with_probe(NetEncoder("Ramp")))
    with pytest.raises(ProbeError, match="differs from its spec"):
        nameless.replace(Step=2).verify()


def test_equal_values_keep_the_probe() -> None:
    """`replace` with the same values keeps the spec and its probe."""
    same = verified().replace(Step=0.5)
    assert "Mine" == same.spec
    assert 0 == same.verify().difference


def test_probe_changes_neither_equality_nor_digest() -> None:
    """A probe and the name of a spec are no part of the digest, of `==` and of the hash."""
    encoder, plain = verified(), NetEncoder("Ramp")
    assert (encoder, hash(encoder), encoder.digest) == (plain, hash(plain), plain.digest)
    assert not encoder.diff(plain)
    assert "spec" not in encoder.to_dict()
    assert "probe" not in encoder.to_dict()


COPIES: dict[str, Callable[[NetEncoder], NetEncoder]] = {
    "pickle": lambda encoder: pickle.loads(pickle.dumps(encoder)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", COPIES)
def test_copies_keep_the_probe(way: str) -> None:
    """A pickled or copied encoder has the name of its spec, and verifies."""
    again = COPIES[way](verified())
    assert "Mine" == again.spec
    assert "Mine" == again.verify().owner
    layers = NetEncoder.from_dict(with_probe(NetEncoder("Ramp").then("Transpose"), "Turned"))
    assert "Turned" == COPIES[way](layers).verify().owner
    with pytest.raises(ProbeError, match="differs from Mine"):
        COPIES[way](verified().replace(Step=1)).verify()


def test_pickle_without_a_spec_is_unchanged() -> None:
    """The pickle of an encoder without a spec has no further key."""
    assert "stated" not in state(NetEncoder("Ramp"))
    assert "stated" not in state(NetEncoder.from_dict(NetEncoder("Ramp").to_dict()))


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ('{"spec":1}', "the name of a spec must be a text"),
        ('{"probe":{"signal":"A"}}', "'probe' needs 'length', 'shape', 'tolerance', 'values'"),
        ("3", "this pickle does not hold a NetEncoder"),
    ],
)
def test_damaged_pickle_is_refused(stated: str, message: str) -> None:
    """The probe of a pickle is checked as that of a spec."""
    text = state(NetEncoder("Ramp"))[:-1] + f',"stated":{stated}}}'
    with pytest.raises(SpecError, match=message):
        restore(NetEncoder, text)


def test_threads_verify_one_encoder() -> None:
    """Several threads may verify one encoder at the same time."""
    encoder = verified()
    with ThreadPoolExecutor(4) as pool:
        results = [*pool.map(lambda _: encoder.verify(), range(20))]
    assert 1 == len({repr(result) for result in results})


@pytest.mark.parametrize("count", [4, 16])
@pytest.mark.parametrize("shape", [(), (1,), (3, 2), (5, 5), (40, 3, 2), (1000,)])
def test_places_are_in_the_array_with_its_extremes(shape: tuple[int, ...], count: int) -> None:
    """The places are sorted, unique and in the array; the extremes are among the values."""
    array = np.random.default_rng(3).standard_normal(shape)
    places = chosen_places(array, count)
    assert sorted(set(places)) == places
    values = [array[place] for place in places]
    assert {array.min(), array.max()} <= set(values)
    assert min(count // 2, array.size) <= len(places) <= count
    assert all(type(index) is int for place in places for index in place)


def test_places_find_the_few_elements_of_a_padded_array() -> None:
    """Half of the places are spread over the range of the values, also if most are equal."""
    array = np.full((80, 3000), -1.0, np.float32)
    array[:, :20] = np.linspace(-1, 1, 1600).reshape(80, 20)
    values = np.array([array[place] for place in chosen_places(array, 16, 1)])
    for expected in np.linspace(-1, 1, 8):
        assert np.abs(values - expected).min() < 2e-3


@pytest.mark.parametrize("axis", [0, 1])
def test_places_are_at_both_ends_of_the_time(axis: int) -> None:
    """Padding changes the first and the last row, so both have values."""
    places = chosen_places(np.random.default_rng(0).standard_normal((300, 1024)), 16, axis)
    last = (299, 1023)[axis]
    ends = [sum(place[axis] == end for place in places) for end in (0, last)]
    assert min(ends) >= 2


def test_places_of_a_one_hot_array_hold_many_ones() -> None:
    """The rarest of few values is compared at many places."""
    array = np.eye(12, dtype=np.float32)[np.random.default_rng(0).integers(12, size=24)]
    places = chosen_places(array, 16)
    assert 16 == len(places)
    assert sum(array[place] == 1 for place in places) >= 6


def test_places_of_complex_numbers_are_chosen_by_the_real_part() -> None:
    """Complex numbers have no order; their real parts have one."""
    array = np.exp(1j * np.arange(100))
    values = [array[place] for place in chosen_places(array, 16)]
    assert array.real.max() == max(value.real for value in values)
