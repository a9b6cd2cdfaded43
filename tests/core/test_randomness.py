"""Random numbers: of a key, of an encoder with a seed, and of the id or the content of an input."""

import random
import statistics
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Choice,
    EncodeError,
    Encoder,
    Integer,
    NetEncoder,
    Parameter,
    ParameterError,
    PluginError,
    Union,
    Varying,
    registered,
)
from netencoders.draws import Draws, _quantiles, exponential, logarithms
from netencoders.policies import policies
from netencoders.randomness import INPUT_ID, content_id
from netencoders.testing import EncoderContract

SEED = Parameter(
    "Seed", Union(Choice(None), Integer(min=0)), default=None, neutral=None, doc="the seed"
)
EPOCH = Parameter("Epoch", Integer(min=0), default=0, neutral=0, doc="the epoch")


class Jittered(Encoder):
    """The bytes of an input with noise, if there is a seed."""

    name = "Jittered"
    inputs = ("bytes", "path", "object")
    is_random = True
    parameters = (
        Parameter("Scale", Integer(min=1), default=1, doc="the scale"),
        SEED,
        EPOCH,
    )

    def output(self):
        """Return a vector."""
        return ArraySpec((Varying,), "float64", minimum=0)

    def encode(self, value):
        """Return the numbers."""
        if not isinstance(value, bytes):
            raise EncodeError("only bytes", code="unsupported-input")
        numbers = np.frombuffer(value, np.uint8).astype(np.float64)
        if self.resolved["Seed"] is not None:
            numbers += self.resolved["Scale"] * self.draws(value).normal(len(numbers))
        return numbers


class OneSeed(Encoder):
    """An encoder that always has a seed, and no epoch."""

    name = "OneSeed"
    is_random = True
    parameters = (Parameter("Seed", Integer(min=0), default=0, doc="the seed"),)

    def output(self):
        """Return one number."""
        return ArraySpec((1,), "float64")

    def encode(self, value):
        """Return a number that the value does not change."""
        return self.draws(value).uniform(1)


@pytest.fixture
def jittered():
    """Return a registered encoder that draws."""
    with registered(Jittered):
        yield NetEncoder("Jittered")


def test_words_are_those_of_the_published_function():
    """The first integers after a counter of zeros are those of the authors of Philox."""
    # kat_vectors of Random123: philox4x64, 10 rounds, key and counter zero; numpy counts first.
    expected = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    source = np.random.Philox(key=0, counter=2**256 - 1)
    assert expected == source.random_raw(4).tolist()
    second = [0x02F4BA6408E4D89B, 0x3DD62B0B9CA8C5B2]
    assert second == Draws(bytes(32)).words(2).tolist()


def test_numbers_do_not_depend_on_the_pieces():
    """Any number can be drawn on its own."""
    draws = Draws(bytes(range(32)))
    for method in (draws.words, draws.uniform, draws.normal):
        whole = method(1000)
        for size in (1, 3, 4, 7, 512):
            starts = range(0, 1000, size)
            pieces = [method(min(size, 1000 - start), start) for start in starts]
            assert whole.tobytes() == np.concatenate(pieces).tobytes()


def test_numbers_are_pinned():
    """The numbers of a key never change: they are part of the arrays of trainings."""
    draws = Draws(bytes(range(32)))
    expected = ["558ce86e1cd6e83f85ac7c7e31c2ee3f", "9ffe0f50734be83ffcf258fecf3cfc3f"]
    assert expected == [draws.uniform(2).tobytes().hex(), draws.normal(2).tobytes().hex()]


def test_uniform_numbers_are_exact():
    """They are the upper 52 bits and a half, and never 0 or 1."""
    draws = Draws(bytes(16))
    words = draws.words(1000).tolist()
    expected = [((word >> 12) * 2 + 1) / 2**53 for word in words]
    assert expected == draws.uniform(1000).tolist()


def test_normal_numbers_are_the_quantiles_of_the_uniform_ones():
    """The quantiles are those of `statistics`, which has the same algorithm."""
    draws = Draws(bytes(16))
    quantile = statistics.NormalDist().inv_cdf
    expected = [quantile(share) for share in draws.uniform(20_000).tolist()]
    np.testing.assert_allclose(draws.normal(20_000), expected, rtol=1e-14, atol=1e-15)


def test_quantiles_of_the_tails_are_those_of_statistics():
    """A share of 1 in 10**11 is rare; its quantile is of another polynomial."""
    shares = [2.0**-53, 1e-13, 1e-11, 2e-11, 1e-9]
    expected = [statistics.NormalDist().inv_cdf(share) for share in shares]
    np.testing.assert_allclose(_quantiles(np.array(shares)), expected, rtol=1e-14)


def test_moments():
    """Of many numbers, mean, variance and the fourth moment are near those of the distribution."""
    draws = Draws(b"moments of numbers")
    uniform, normal = draws.uniform(10**6), draws.normal(10**6)
    assert abs(uniform.mean() - 1 / 2) < 1e-3
    assert abs(uniform.var() - 1 / 12) < 1e-3
    assert abs(normal.mean()) < 3e-3
    assert abs(normal.var() - 1) < 5e-3
    assert abs((normal**4).mean() - 3) < 3e-2
    assert abs(np.corrcoef(normal[1:], normal[:-1])[0, 1]) < 3e-3


def test_parts_are_other_numbers():
    """Two uses of one key are independent."""
    draws = Draws(bytes(16))
    one, other = draws.part("one").normal(100_000), draws.part("other").normal(100_000)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    assert one.tobytes() == draws.part("one").normal(100_000).tobytes()


def test_short_key_is_refused():
    """A key needs 128 bits."""
    with pytest.raises(ValueError, match=r"at least 16 bytes. Got 3"):
        Draws(b"abc")


def test_logarithms_and_exponential_agree_with_libraries():
    """They differ from those of numpy by the rounding alone."""
    values = np.concatenate([np.geomspace(1e-300, 1e300, 1001), np.linspace(0.5, 2, 1001)])
    np.testing.assert_allclose(logarithms(values), np.log(values), rtol=4e-16, atol=4e-16)
    for value in np.linspace(-20, 20, 101).tolist():
        assert exponential(value) == pytest.approx(np.exp(value), rel=5e-15)


def test_is_random_needs_a_seed():
    """An encoder that draws without the parameter Seed is refused when it is created."""
    with pytest.raises(PluginError, match="encoder Bare: an encoder that draws random numbers dec"):
        type("Bare", (Jittered,), {"name": "Bare", "parameters": ()})
    with pytest.raises(PluginError, match=r"'is_random' must be True or False. Got 1."):
        type("Odd", (Jittered,), {"name": "Odd", "is_random": 1})


def test_training_sets_seed_and_epoch(jittered):
    """`training` is `replace`; a seed changes the digest, and a neutral one does not."""
    encoder = jittered.training(seed=3, epoch=2)
    assert jittered.replace(Seed=3, Epoch=2) == encoder
    assert (False, True) == (jittered.is_random, encoder.is_random)
    digests = {
        each.digest for each in (jittered, encoder, jittered.training(3), jittered.training(4))
    }
    assert 4 == len(digests)


def test_training_of_other_encoders_is_refused(jittered):
    """An encoder that draws nothing, or has no epochs, says so."""
    with registered(type("Plain", (Jittered,), {"name": "Plain", "is_random": False})):
        plain = NetEncoder("Plain")
    with pytest.raises(ParameterError, match="it draws no random numbers: it has no parameter 'Se"):
        plain.training(seed=1)
    with pytest.raises(ParameterError, match=r"'seed' must be an integer. Got None"):
        jittered.training(None)
    with pytest.raises(ParameterError, match=r"'Seed' must be .* Got -1"):
        jittered.training(-1)
    with registered(OneSeed):
        encoder = NetEncoder("OneSeed")
        assert encoder.replace(Seed=5) == encoder.training(5)
        with pytest.raises(
            ParameterError, match=r"no parameter 'Epoch', so the epoch must be 0. G"
        ):
            encoder.training(5, epoch=1)


def test_numbers_depend_on_seed_epoch_digest_and_content(jittered):
    """Each of them gives other numbers; equal ones give equal numbers."""
    encoder = jittered.training(1)
    expected = encoder(b"abc")
    assert expected.tobytes() == jittered.training(1)(b"abc").tobytes()
    noise = {tuple(expected - [97, 98, 99])}
    for other in (jittered.training(2), jittered.training(1, epoch=1)):
        noise.add(tuple(other(b"abc") - [97, 98, 99]))
    noise.add(tuple((encoder.replace(Scale=2)(b"abc") - [97, 98, 99]) / 2))
    noise.add(tuple(encoder(b"abd") - [97, 98, 100]))
    assert 5 == len(noise)


def test_unseeded_digest_is_that_of_all_epochs(jittered):
    """It has the other parameters, and neither the seed nor the epoch."""
    digests = {
        encoder._encoder._unseeded_digest
        for encoder in (jittered, jittered.training(1), jittered.training(2, epoch=3))
    }
    assert {jittered.digest} == digests
    assert jittered.digest != jittered.replace(Scale=2)._encoder._unseeded_digest


def test_numbers_depend_on_the_id_and_not_on_the_content(jittered):
    """With an id, the content has no effect on the numbers."""
    encoder = jittered.training(1)
    with policies({INPUT_ID: "row 1"}):
        first, second = encoder(b"aaa") - 97, encoder(b"bbb") - 98
    with policies({INPUT_ID: "row 2"}):
        third = encoder(b"aaa") - 97
    np.testing.assert_allclose(first, second, atol=1e-12)
    assert not np.allclose(first, third)


def test_layers_do_not_change_the_numbers(jittered):
    """A layer changes the digest of the encoder, and not its numbers."""
    encoder = jittered.training(1)
    layered = encoder.then("AddAxis")
    assert encoder.digest != layered.digest
    assert encoder(b"abc").tolist() == layered(b"abc").ravel().tolist()


def test_any_worker_gives_the_same_bits(jittered):
    """The order, the threads and the shared generators have no effect."""
    encoder = jittered.training(7)
    values = [bytes([place, place + 1]) for place in range(50)]
    expected = [encoder(value).tobytes() for value in values]
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    for workers in (1, 3):
        assert expected == [array.tobytes() for array in encoder.map(values, workers=workers)]
    with ThreadPoolExecutor(3) as pool:
        assert expected == [array.tobytes() for array in pool.map(encoder, values)]
    assert expected[::-1] == [encoder(value).tobytes() for value in reversed(values)]


def test_missing_seed_and_unknown_content_are_refused(jittered):
    """Nothing is drawn from the time or the address of an object."""
    with pytest.raises(
        EncodeError, match="Jittered draws random numbers, and its Seed is No"
    ) as no:
        jittered._encoder.draws(b"abc")
    assert "no-seed" == no.value.code
    with pytest.raises(EncodeError, match="the content of a value of type object is not kn") as no:
        jittered.training(1)._encoder.draws(object())
    assert "no-input-id" == no.value.code
    assert "netencoders.input_id" in no.value.remedy


def test_content_decides_and_not_the_name(tmp_path):
    """A file that is moved has the same id, which is that of its bytes."""
    one, other = tmp_path / "one.bin", tmp_path / "other.txt"
    one.write_bytes(b"abc")
    other.write_bytes(b"abc")
    assert content_id(b"abc") == content_id(str(one)) == content_id(other)
    assert content_id(b"abc") == content_id(memoryview(b"abc")) == content_id(bytearray(b"abc"))
    with pytest.raises(EncodeError, match="it is not a regular file"):
        content_id(tmp_path)
    with pytest.raises(FileNotFoundError):
        content_id("no-such-file")


def test_contents_that_differ_have_other_ids():
    """Types, shapes and texts are told apart; equal values in lists and tuples are equal."""
    values = [
        b"1",
        1,
        1.0,
        True,
        None,
        [1],
        [[1]],
        [1, 1],
        {"a": 1},
        {"b": 1},
        np.array([1]),
        np.array([1.0]),
        np.array([[1]]),
        "\ud800",
    ]
    ids = [content_id(value, ("text",)) for value in values]
    assert len(values) == len(set(ids))
    assert content_id((1, [2])) == content_id([1, (2,)])
    assert content_id({"a": 1, "b": 2}) == content_id({"b": 2, "a": 1})
    assert content_id(np.float64(1.5)) == content_id(1.5)
    with pytest.raises(EncodeError, match="type ndarray is not known"):
        content_id(np.array([object()]))


class JitteredContract(EncoderContract):
    """The contract of an encoder that draws."""

    encoder = "Jittered"
    setup = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_randomness import Jittered\n"
        "from netencoders import register\nregister(Jittered)"
    )

    def inputs(self):
        """Return bytes."""
        return [b"abc", b"", bytes(range(100))]


def contract(name):
    """Return a check of the contract of Jittered."""
    return getattr(JitteredContract(), name)


CHECKS = [name for name in dir(EncoderContract) if name.startswith("test_")]


@pytest.mark.parametrize("name", CHECKS)
def test_declared_randomness_passes_the_contract(name, jittered):
    """An encoder that takes its numbers from `draws` passes each check."""
    contract(name)()


class Undeclared(Jittered):
    """An encoder that draws from the generator of numpy that all code shares."""

    name = "Jittered"
    is_random = False

    def encode(self, value):
        """Return random numbers."""
        return np.random.uniform(size=len(value)) if value else np.zeros(0)  # noqa: NPY002


def test_undeclared_randomness_fails_the_contract():
    """The message says how to declare it."""
    with registered(Undeclared), pytest.raises(AssertionError, match="declares is_random, and tak"):
        contract("test_randomness_is_declared")()


class Unseeded(Jittered):
    """An encoder that declares a seed, and draws from a generator that it does not seed."""

    name = "Jittered"

    def encode(self, value):
        """Return random numbers."""
        return np.random.default_rng().uniform(size=len(value))


class Deaf(Jittered):
    """An encoder that declares a seed, and ignores it."""

    name = "Jittered"

    def encode(self, value):
        """Return zeros."""
        return np.zeros(len(value))


def test_seed_without_effect_fails_the_contract():
    """A seed must determine the numbers, and must have an effect."""
    check = "test_seed_determines_the_random_numbers"
    with registered(Unseeded), pytest.raises(AssertionError, match="with an equal seed: an encod"):
        contract(check)()
    with registered(Deaf), pytest.raises(AssertionError, match="two seeds give the same arrays"):
        contract(check)()


def test_contract_leaves_the_shared_generators_alone(jittered):
    """The generators of `random` and numpy are as before."""
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    contract("test_randomness_is_declared")()
    contract("test_seed_determines_the_random_numbers")()
    assert expected == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
