"""Third-party encoders of spectra: the same bits for every way of calling."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from netencoders import Axis, EncodeError, NetEncoder, PluginError, registered
from netencoders_audio import (
    PARTITIONS,
    SPECTRAL,
    WAVEFORM,
    Audio,
    AudioChroma,
    AudioMelSpectrogram,
    AudioMFCC,
    AudioSpectrogram,
    AudioSTFT,
    PartitionedEncoder,
    Projection,
    row_stable,
)
from netencoders_audio.encoders import rows as rows_module
from netencoders_audio.encoders.compute import direct_form, is_row_stable
from netencoders_audio.testing import AudioEncoderContract

MATRIX = np.random.default_rng(0).random((201, 37), "f4")


class Product(PartitionedEncoder):
    """The magnitude of each partition's spectrum, times a dense matrix."""

    name = "Product"
    parameters = SPECTRAL
    row = (37,)

    def output(self):
        """Return (n, 37)."""
        return self.rows_spec(Axis("feature"))

    def compute(self, spectrum, spare, out):
        """Multiply with the BLAS, whose rounding depends on the number of rows."""
        np.matmul(np.abs(spectrum), MATRIX, out=out)


class LogMel(AudioMelSpectrogram):
    """The logarithm of mel bands, and their product with a dense matrix."""

    name = "LogMel"

    def compute(self, spectrum, spare, out):
        """Extend the base, whose `compute` is row-stable, by a product that is not."""
        super().compute(spectrum, spare, out)
        np.log(np.maximum(out, 1e-10), out=out)
        out[:, :37] = out @ MATRIX[: out.shape[1]]


@pytest.mark.parametrize(
    "kind", [AudioSTFT, AudioSpectrogram, AudioMelSpectrogram, AudioMFCC, AudioChroma]
)
def test_built_in_encoders_compute_large_groups_in_one_call(kind):
    """`compute` of each built-in encoder of spectra is row-stable and has a direct form."""
    marks = is_row_stable(kind.compute), direct_form(kind.compute) is not None
    assert (True, True) == marks


def live(samples, size):
    """Yield samples as blocks that come only once."""
    for start in range(0, len(samples), size):
        yield Audio(samples[start : start + size], 16000)


def arrays_by_call(encoder, samples, path):
    """Return the arrays of a recording for each way of calling, by its name."""
    audio, content = Audio(samples, 16000), path.read_bytes()
    with ThreadPoolExecutor(3) as pool:
        threads = list(pool.map(encoder, [path, audio, content]))
    with path.open("rb") as file:
        of_file = encoder(file)
    return {
        "list": encoder([path])[0],
        "map": next(iter(encoder.map([path], workers=2))),
        "path": encoder(path),
        "bytes": encoder(content),
        "file object": of_file,
        "iterator": encoder(live(samples, 5000)),
        "stream of Audio": np.concatenate(list(encoder.stream(audio))),
        "stream of a path": np.concatenate(list(encoder.stream(path))),
        "live stream": np.concatenate(list(encoder.stream(live(samples, 160)))),
        "live stream of long blocks": np.concatenate(list(encoder.stream(live(samples, 99_999)))),
        **{f"thread {number}": array for number, array in enumerate(threads)},
    }


@pytest.mark.parametrize("seconds", [0.01, 1, 12, 30])
@pytest.mark.parametrize("kind", [Product, LogMel])
@pytest.mark.parametrize("workers", [1, 3])
def test_matrix_product_has_the_same_bits_for_every_way_of_calling(
    monkeypatch, tmp_path, wav, kind, seconds, workers
):
    """A `compute` that calls the BLAS gets the same partitions, in any call, stream and thread."""
    monkeypatch.setattr(rows_module, "worker_count", lambda _: workers)
    monkeypatch.setattr(rows_module, "LONG", 10_000)
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, int(seconds * 16000)).astype("f4")
    path = tmp_path / "noise.wav"
    path.write_bytes(wav(samples, coding="FLOAT"))
    with registered(kind):
        encoder = NetEncoder(kind.name)
        expected = encoder(Audio(samples, 16000))
        different = [
            way
            for way, array in arrays_by_call(encoder, samples, path).items()
            if expected.tobytes() != array.tobytes()
        ]
        assert [] == different


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3"])
def test_stream_of_a_file_equals_the_call(recording, kind):
    """A stream of a file has the bits of the call, also if its length is unknown."""
    path = recording(kind=kind)
    with registered(Product):
        encoder = NetEncoder("Product", Normalization=None)
        normalized = NetEncoder("Product", Normalization="Max")
        for each in (encoder, normalized):
            blocks = list(each.stream(path))
            assert each(path).tobytes() == np.concatenate(blocks).tobytes()


@pytest.mark.parametrize("size", [26214, 20_000, 400_000])
def test_small_groups_have_the_same_bits_in_a_live_stream(size):
    """If a group has fewer than 24 partitions, `compute` gets as many in a live stream."""

    class Long(Product):
        """Sums of bands of long partitions."""

        name = "Long"
        row = (3,)

        def compute(self, spectrum, spare, out):
            matrix = np.cos(np.arange(spectrum.shape[1] * 3, dtype="f4")).reshape(-1, 3)
            np.matmul(np.abs(spectrum), matrix, out=out)

    samples = np.random.default_rng(0).uniform(-1, 1, 100_000).astype("f4")
    with registered(Long):
        encoder = NetEncoder("Long", WindowSize=size, Offset=700)
        expected = encoder(Audio(samples, 16000))
        actual = np.concatenate(list(encoder.stream(live(samples, 999))))
        assert expected.tobytes() == actual.tobytes()


@pytest.mark.parametrize(
    ("block", "stable", "other"),
    [
        (160, [1] * 192, [24] * 8),
        (320, [2] * 96, [24] * 8),
        (16_000, [98, 2, 92], [96, 24, 72]),
        (99_999, [192], [192]),
    ],
)
def test_live_stream_takes_all_groups_of_a_block(block, stable, other):
    """A live stream yields the rows that a block completes, in two parts at most.

    Without the mark `row_stable`, it yields the multiples of 24 rows. It waits for no others.
    """
    samples = np.random.default_rng(5).uniform(-1, 1, 31_100).astype("f4")  # 192 rows
    given = {"WindowSize": 400, "Offset": 160, "PartitionPadding": None}
    with registered(Product):
        for name, expected in (("AudioSpectrogram", stable), ("Product", other)):
            encoder = NetEncoder(name, **given)
            actual = [len(rows) for rows in encoder.stream(live(samples, block))]
            assert sum(expected) == len(encoder(Audio(samples, 16000)))
            assert expected == actual


def rows_per_call(compute, seconds):
    """Return the number of rows that each call of a `compute` gets."""
    seen = []

    class Seen(Product):
        """Counts rows."""

        name = "Seen"

    def counted(self, spectrum, spare, out):
        seen.append(len(out))
        assert len(spectrum) == len(spare) == len(out)
        out[:] = 0

    Seen.compute = compute(counted)
    with registered(Seen):
        NetEncoder("Seen")(Audio(np.ones(int(seconds * 16000), "f4"), 16000))
    return seen


def test_row_stable_compute_gets_whole_groups():
    """A `compute` with the mark gets whole groups, one without it 24 rows at a time."""
    assert [24, 24, 24, 24, 24] == rows_per_call(lambda compute: compute, 1)
    assert [120] == rows_per_call(row_stable, 1)
    # 24 rows are those over the edge of a block of 2**18 samples.
    assert [1008, 936, 24, 1008, 600, 7] == rows_per_call(row_stable, 30)
    assert [24] * 149 + [7] == rows_per_call(lambda compute: compute, 30)


def test_row_stable_projection_has_the_same_bits_in_any_group(speech_path):
    """`Projection` and elementwise functions have the same bits in groups of any size."""
    projection = Projection(MATRIX)

    class Stable(Product):
        """The same product, by Projection."""

        name = "Stable"

        @row_stable
        def compute(self, spectrum, spare, out):
            projection.apply(np.log1p(np.abs(spectrum)), out)

    class Unmarked(Stable):
        """The same, in groups of 24."""

        name = "Unmarked"

        def compute(self, spectrum, spare, out):
            super().compute(spectrum, spare, out)

    samples = np.random.default_rng(0).uniform(-1, 1, 480_000).astype("f4")
    with registered(Stable, Unmarked):
        encoder, unmarked = NetEncoder("Stable"), NetEncoder("Unmarked")
        expected = encoder(Audio(samples, 16000))
        for array in (
            unmarked(Audio(samples, 16000)),
            np.concatenate(list(encoder.stream(live(samples, 160)))),
        ):
            assert expected.tobytes() == array.tobytes()


@pytest.mark.parametrize("mark", [row_stable, lambda compute: compute])
def test_compute_that_returns_rows_is_refused(mark):
    """A `compute` that returns its rows, and does not write them to `out`, is an error."""

    class Returning(Product):
        """Returns its rows."""

        name = "Returning"

        @mark
        def compute(self, spectrum, spare, out):
            return np.abs(spectrum) @ MATRIX

    with registered(Returning), pytest.raises(EncodeError) as caught:
        NetEncoder("Returning")(Audio(np.ones(1000), 16000))
    assert (
        "compute() returns a value of type ndarray; it must write the rows to out, and return None"
    ) in caught.value.message


def test_missing_spectral_parameters_are_named():
    """The error for missing parameters comes when the class is created, and names them."""
    with pytest.raises(PluginError) as caught:

        class Part(PartitionedEncoder):
            """Declares too few parameters."""

            name = "Part"
            parameters = WAVEFORM + PARTITIONS

    assert (
        "encoder Part: a PartitionedEncoder declares all parameters of SPECTRAL: RemoveMean, "
        "PreEmphasis, WindowScaling, FFTLength, WindowPlacement, "
        "TransformPrecision must be among its parameters"
    ) == str(caught.value)


def test_row_stable_is_not_inherited():
    """A subclass that overrides a marked `compute` is called with 24 rows at a time."""
    assert AudioMelSpectrogram.compute.row_stable
    assert not hasattr(LogMel.compute, "row_stable")


class FalselyMarked(Product):
    """A matrix product that is marked as row-stable, and is not."""

    name = "FalselyMarked"
    compute = row_stable(lambda self, *arrays: Product.compute(self, *arrays))


class SpectraContract(AudioEncoderContract):
    """The contract as the guide recommends it."""


def test_contract_refuses_a_false_row_stable_mark():
    """A marked `compute` that calls the BLAS fails the contract, which names the remedy."""
    contract = SpectraContract()
    with registered(Product, FalselyMarked):
        contract.encoder = "Product"
        contract.test_live_stream_equals_call()
        contract.encoder = "FalselyMarked"
        with pytest.raises(AssertionError, match=r"the live stream .* row_stable only"):
            contract.test_live_stream_equals_call()


def test_contract_passes_for_an_encoder_that_reads_twice():
    """An encoder that must read its input twice has no live stream, and passes."""
    contract = SpectraContract()
    contract.parameters = {"Normalization": "Max"}
    with registered(Product):
        contract.encoder = "Product"
        contract.test_live_stream_equals_call()


def test_contract_fails_for_an_invalid_live_stream():
    """A live stream that cannot be encoded fails the contract."""
    contract = SpectraContract()
    contract.live = lambda value: iter([1])
    with registered(Product):
        contract.encoder = "Product"
        with pytest.raises(AssertionError, match="a block of the iterator has the type int"):
            contract.test_live_stream_equals_call()


THREE_COLUMNS = np.random.default_rng(1).random((201, 3), np.float32)


@pytest.mark.parametrize(
    "function",
    [
        lambda rows: np.matmul(rows, THREE_COLUMNS),
        lambda rows: np.ascontiguousarray(rows.T).sum(0)[:, np.newaxis],
    ],
    ids=["matmul", "sum"],
)
def test_the_contract_refuses_a_false_mark_of_any_sum_over_bins(function):
    """Functions whose rounding of a row depends on the number of rows fail the contract."""

    class Marked(PartitionedEncoder):
        """Rows of a function that is not row-stable."""

        name = "Marked"
        parameters = SPECTRAL
        row = function(np.ones((2, 201), np.float32)).shape[1:]

        def output(self):
            return self.rows_spec(Axis("column"))

        @row_stable
        def compute(self, spectrum, spare, out):
            out[...] = function(np.abs(spectrum))

    contract = SpectraContract()
    contract.encoder = "Marked"
    with registered(Marked), pytest.raises(AssertionError, match=r"the live stream .* row_stable"):
        contract.test_live_stream_equals_call()
