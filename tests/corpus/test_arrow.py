"""arrow: any table gives a table of the same rows with four columns, and no input raises."""

import io
import json
import pickle
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders import ArraySpec, EncodeError, Encoder, NetEncoder, Varying, registered
from netencoders.policies import current
from netencoders.workers import WorkerPool
from netencoders_corpus import CorpusError, arrow, layout
from netencoders_corpus.arrow import features_array
from netencoders_corpus.layout import Layout

pa = pytest.importorskip("pyarrow")

SPEECH = str(Path(__file__).parents[1] / "data" / "speech_16k_mono.wav")
ENCODER = NetEncoder("AudioMFCC")
module = sys.modules["netencoders_corpus.arrow"]  # the package has a function of that name


def rows(table):
    """Return the rows of a result as arrays, and codes of those that failed."""
    form = Layout.of_metadata({k.decode(): v.decode() for k, v in table.schema.metadata.items()})
    dtype = np.dtype(form.dtype)
    return [
        row["code"] or form.restored(np.array(row["features"], dtype)) for row in table.to_pylist()
    ]


class Made(Encoder):
    """An encoder of a form that a test chooses, which calls a function of the test."""

    name = "Made"
    form = ArraySpec((Varying,))
    function = staticmethod(lambda value: np.zeros(1, np.float32))

    def output(self):
        """Return the form."""
        return self.form

    def encode(self, value):
        """Call the function."""
        return self.function(value)


def made(function, form=None, inputs=()):
    """Register an encoder, and return it; `form` is that of its arrays."""
    members = {
        "__doc__": "Made by a test.",
        "function": staticmethod(function),
        "form": form or ArraySpec((Varying,), minimum=0),
        "inputs": inputs,
    }
    with registered(type("Mine", (Made,), members)):
        return NetEncoder("Made")


def test_rows_are_those_of_single_calls():
    """Rows have the bits of single calls; a failed one has nulls, its code and its message."""
    table = pa.table({"path": [SPEECH, "missing.wav", SPEECH], "other": [1, 2, 3]})
    found = arrow(ENCODER)(table)
    assert ["path", "other", *module.ADDED] == found.column_names
    assert [1, 2, 3] == found["other"].to_pylist()
    first, code, last = rows(found)
    np.testing.assert_array_equal(ENCODER(SPEECH), first)
    np.testing.assert_array_equal(first, last)
    assert ("not-found", None, None) == (code, *(found[n][1].as_py() for n in module.ADDED[:2]))
    assert "missing.wav: no such file (check the path)" == found["message"][1].as_py()
    assert [None, None] == [found[name][0].as_py() for name in ("code", "message")]


def test_types_of_the_columns():
    """The types are int32, a list of float32, and texts, also if there are no rows or failures."""
    for paths in ([], [SPEECH], ["missing.wav"]):
        found = arrow(ENCODER)(pa.table({"path": pa.array(paths, pa.string())}))
        types = {"frames": pa.int32(), "features": pa.list_(pa.float32())}
        types |= {"code": pa.string(), "message": pa.string()}
        assert types == {name: found.schema.field(name).type for name in module.ADDED}
        assert len(paths) == found.num_rows


def test_metadata_describe_the_arrays():
    """The metadata have shape, type, digest and declaration, and those of the table stay."""
    table = pa.table({"path": [SPEECH]}).replace_schema_metadata(
        {"mine": "1", "netencoders.digest": "old"}
    )
    found = arrow(ENCODER)(table).schema.metadata
    assert [b"1", ENCODER.digest.encode()] == [found[b"mine"], found[b"netencoders.digest"]]
    assert ([13], b"float32") == (
        json.loads(found[b"netencoders.shape"]),
        found[b"netencoders.dtype"],
    )
    assert ENCODER == NetEncoder.from_dict(json.loads(found[b"netencoders.encoder"]))
    assert 8 == len(found) + 1


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary", "binary"])
def test_columns_of_any_type_of_text_or_bytes(kind):
    """Paths may be texts of any type and dictionary-encoded; bytes are the content of a file."""
    values = [SPEECH, None, SPEECH]
    if kind == "dictionary":
        column = pa.array(values).dictionary_encode()
    elif kind == "binary":
        content = Path(SPEECH).read_bytes()
        column = pa.array([content, None, content], pa.large_binary())
    else:
        column = pa.array(values, getattr(pa, kind)())
    first, code, last = rows(arrow(ENCODER)(pa.table({"path": column})))
    np.testing.assert_array_equal(ENCODER(SPEECH), first)
    np.testing.assert_array_equal(first, last)
    assert "unsupported-input" == code


def test_chunked_columns_and_batches():
    """A column of several chunks, some of them empty, and a RecordBatch are tables, too."""
    column = pa.chunked_array([[SPEECH], [], ["missing.wav", SPEECH]], pa.string())
    found = rows(arrow(ENCODER)(pa.table({"path": column})))
    assert ["not-found"] == [row for row in found if isinstance(row, str)]
    batch = pa.record_batch({"path": [SPEECH]})
    table = arrow(ENCODER)(batch)
    assert isinstance(table, pa.Table)
    np.testing.assert_array_equal(found[2], rows(table)[0])
    empty = pa.table({"path": pa.chunked_array([], pa.string())})
    assert [] == rows(arrow(ENCODER)(empty))


def test_structs_of_hugging_face():
    """A struct of bytes and path is one input; errors name its path."""
    content = Path(SPEECH).read_bytes()
    values = [
        {"bytes": content, "path": "a.wav"},
        {"bytes": None, "path": SPEECH},
        {"bytes": content[:1000], "path": "b.wav"},
        {"bytes": None, "path": None},
        None,
    ]
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    found = arrow(ENCODER, input="audio")(pa.table({"audio": pa.array(values, kind)}))
    first, second, *codes = rows(found)
    np.testing.assert_array_equal(first, second)
    assert ["truncated", "unsupported-input", "unsupported-input"] == codes
    assert found["message"][2].as_py().startswith("b.wav: has ")


def test_structs_of_decoded_audio():
    """A struct of an array and a rate is one input; its list becomes an array."""
    samples = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    value = {"array": samples, "sampling_rate": 8000, "path": None}
    (found,) = rows(arrow(ENCODER, "audio")(pa.table({"audio": [value]})))
    np.testing.assert_array_equal(ENCODER(value), found)


def test_structs_for_encoders_of_paths():
    """An encoder that takes no dicts gets the bytes or the path of a struct, and no parts."""
    seen = []
    encoder = made(
        lambda value: seen.append(value) or np.zeros(1, np.float32), None, ("path", "bytes")
    )
    values = [{"bytes": b"x", "path": "a"}, {"bytes": None, "path": "b"}]
    table = pa.table({"path": values, "start": [1.0, 2.0]})
    assert [None, None] == arrow(encoder)(table)["code"].to_pylist()
    assert [b"x", "b"] == seen


@pytest.mark.parametrize(
    ("start", "stop", "channel"),
    [
        (pa.array([1, None]), pa.array([2, None]), pa.array([0, None])),
        (pa.array([1.0, None]), pa.array([2.0, None]), pa.array([0.0, None])),
        (
            pa.array([1, None], pa.uint8()),
            pa.array(np.array([2, 0], np.float16), mask=np.array([False, True])),
            pa.nulls(2),
        ),
        (pa.array([Decimal("1.0"), None]), pa.array([2, None]), pa.nulls(2, pa.int64())),
    ],
)
def test_columns_of_parts(start, stop, channel):
    """The columns start, stop and channel, of any type of numbers, choose a part of a path."""
    table = pa.table({"path": [SPEECH] * 2, "start": start, "stop": stop, "channel": channel})
    part, whole = rows(arrow(ENCODER)(table))
    np.testing.assert_array_equal(ENCODER({"path": SPEECH, "start": 1, "end": 2}), part)
    np.testing.assert_array_equal(ENCODER(SPEECH), whole)


def test_parts_of_bytes_and_structs():
    """Parts apply to bytes and structs; a part that is given twice or is no number is refused."""
    content = Path(SPEECH).read_bytes()
    parts = {"start": [1.0], "stop": [2.0]}
    expected = ENCODER({"path": SPEECH, "start": 1, "end": 2})
    for value in (content, {"bytes": content, "path": "a.wav"}):
        (found,) = rows(arrow(ENCODER)(pa.table({"path": [value], **parts})))
        np.testing.assert_array_equal(expected, found)
    twice = arrow(ENCODER)(pa.table({"path": [{"path": SPEECH, "start": 1.0}], **parts}))
    assert "'start' is a field of the input, and a column" in twice["message"][0].as_py()
    number = arrow(ENCODER)(pa.table({"path": [7], **parts}))
    assert "a part of a value of type int is asked for" in number["message"][0].as_py()
    for column in ({"start": [float("nan")]}, {"channel": [0.5]}, {"channel": ["x"]}):
        assert ["invalid-audio"] == rows(arrow(ENCODER)(pa.table({"path": [SPEECH], **column})))


def test_lists_are_arrays():
    """Lists of numbers, fixed ones and tensors are arrays of their type; nulls are not lost."""
    seen = []
    encoder = made(lambda value: seen.append(value) or np.array(1), ArraySpec((), "int64"))
    tensor = pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((1, 2, 3), np.int16))
    columns = [
        pa.array([[1.5, 2.5]], pa.list_(pa.float32())),
        pa.array([[1, 2]], pa.large_list(pa.int16())),
        pa.array([[1, 2]], pa.list_(pa.uint8(), 2)),
        tensor,
        pa.array([[1, None]]),
        pa.array([["a"]]),
    ]
    for column in columns:
        arrow(encoder)(pa.table({"path": column}))
    found = [value.dtype if isinstance(value, np.ndarray) else value for value in seen]
    assert ["float32", "int16", "uint8", "int16", [1, None], ["a"]] == found
    assert (2, 3) == seen[3].shape


def test_value_that_cannot_be_converted_is_a_row():
    """A text that is not UTF-8 fails its own row only."""
    wrong = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers())
    column = pa.chunked_array([wrong, pa.array([SPEECH])])
    found = arrow(ENCODER)(pa.table({"path": column}))
    assert ["unreadable", None] == found["code"].to_pylist()
    assert "reading fails with UnicodeDecodeError" in found["message"][0].as_py()


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (ArraySpec((), "int64"), np.array(7)),
        (ArraySpec((3,), "uint8"), np.array([1, 2, 3], np.uint8)),
        (ArraySpec((2, 3), "float64"), np.arange(6.0).reshape(2, 3)),
        (ArraySpec((Varying, 2), "bool"), np.array([[True, False], [False, True]])),
        (
            ArraySpec((2, Varying), "int32", stream_axis=1),
            np.arange(8, dtype=np.int32).reshape(2, 4),
        ),
        (ArraySpec((Varying, 2, 2)), np.ones((3, 2, 2), np.float32)),
        (ArraySpec((Varying, 3), minimum=0), np.zeros((0, 3), np.float32)),
        (ArraySpec((Varying,), "float16"), np.ones(3, np.float16)),
    ],
)
def test_forms_of_arrays(form, value):
    """Scalars, integers, fixed shapes, time last and empty arrays come back with type and shape."""
    encoder = made(lambda _: value.T.copy().T, form)  # not always contiguous
    found = arrow(encoder)(pa.table({"path": ["a", "b"]}))
    for row in rows(found):
        np.testing.assert_array_equal(value, row, strict=True)
    axis = form.dims.index(Varying) if Varying in form.dims else form.stream_axis
    frames = value.shape[axis] if value.ndim else 1
    assert [frames, frames] == found["frames"].to_pylist()
    json_dims = [None if size is Varying else size for size in form.dims]
    assert json_dims == json.loads(found.schema.metadata[b"netencoders.dims"])


def test_encoders_that_cannot_be_stored_are_refused():
    """Several outputs, two dimensions that vary, and complex numbers are errors before any row."""
    for form, message in (
        ({"A": ArraySpec((1,)), "B": ArraySpec((1,))}, "Made gives several arrays, A, B: a corpus"),
        (ArraySpec((Varying, Varying)), "2 dimensions of Made vary"),
        (ArraySpec((Varying,), "complex64"), "Made gives complex numbers, which Arrow has no type"),
    ):
        with pytest.raises(CorpusError, match=message):
            arrow(made(None, form))
    with pytest.raises(CorpusError, match="float16 would lose power of AudioSpectrogram"):
        arrow(NetEncoder("AudioSpectrogram"), dtype="float16")
    with pytest.raises(CorpusError, match="dtype must be one of float32, float16"):
        arrow(ENCODER, dtype="int8")


LOG = ArraySpec((2,), quantity="log")


def test_float16_of_a_logarithm():
    """A logarithm may be stored as float16; a number that becomes infinite is a failed row."""
    encoder = made(
        lambda value: np.array([1.5, value], np.float32), ArraySpec((2,), quantity="log")
    )
    found = arrow(encoder, dtype="float16")(pa.table({"path": pa.array([2.0, 1e6, -3e5])}))
    first, *codes = rows(found)
    np.testing.assert_array_equal(np.array([1.5, 2], np.float16), first, strict=True)
    assert ["non-finite", "non-finite"] == codes
    assert "its largest number, 1e+06, is infinite as float16" in found["message"][1].as_py()


def test_features_beyond_the_offsets_are_chunked(monkeypatch):
    """A column of more numbers than 32-bit offsets count is chunked; no row is divided or lost."""
    monkeypatch.setattr(module, "MAX_ELEMENTS", 5)
    monkeypatch.setattr(layout, "MAX_ELEMENTS", 5)
    encoder = made(lambda value: np.full(value, value, np.float32))
    found = arrow(encoder)(pa.table({"path": [2, 3, 1, 6, 5, 0, 4]}))
    assert [[2.0] * 2, [3.0] * 3, [1.0], None, [5.0] * 5, [], [4.0] * 4] == found[
        "features"
    ].to_pylist()
    assert 4 == found["features"].num_chunks
    assert "too-large" == found["code"][3].as_py()
    assert "its array has 6 elements, more than 5 (divide the" in found["message"][3].as_py()
    assert [] == features_array([], arrow(encoder).layout).to_pylist()


def raising(problem):
    """Return an encoder that raises an exception for each input but 'good'."""

    def function(value):
        if value != "good":
            raise problem
        return np.zeros(1, np.float32)

    return made(function)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (ZeroDivisionError("x"), "bug"),
        (MemoryError(), "bug"),
        (OSError(5, "x", "bad"), "unreadable"),
        (UserWarning("a warning that is an error"), "unreadable"),
        (EncodeError("x", code="mine"), "mine"),
    ],
)
@pytest.mark.parametrize("workers", [1, 3])
def test_exceptions_of_encoders_are_rows(problem, code, workers):
    """Any exception of an encoder fails one row, which has a code and a message on one line."""
    encode = arrow(raising(problem), workers=workers)
    found = encode(pa.table({"path": ["good", "bad", "good"]}))
    assert [None, code, None] == found["code"].to_pylist()
    assert found["message"][1].as_py().startswith("bad: ")


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("problem", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_interrupts_pass(problem, workers):
    """An interrupt is not a failed row."""
    with pytest.raises(type(problem)):
        arrow(raising(problem), workers=workers)(pa.table({"path": ["good", "bad", "good"]}))


@pytest.mark.parametrize("workers", [1, 2])
def test_exception_of_a_signal_handler_passes(workers):
    """The exception of a time limit is not a failed row."""

    class ExpiredError(Exception):
        pass

    def handler(number, frame):
        raise ExpiredError

    def function(value):
        if threading.current_thread() is threading.main_thread():
            signal.raise_signal(signal.SIGUSR1)
        return np.zeros(1, np.float32)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(ExpiredError):
            arrow(made(function), workers=workers)(pa.table({"path": ["a"] * 9}))
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_cancelled_is_not_a_row():
    """In a worker thread of a pool that ends, the call ends, and makes no failed rows."""
    encode = arrow(raising(EncodeError("it is not finished", code="cancelled")))
    with pytest.raises(EncodeError, match="it is not finished"):
        encode(pa.table({"path": ["bad"]}))


def test_warnings_are_given_once_a_row():
    """A warning of an encoder is a warning of the call, and no failure."""

    def function(value):
        warnings.warn(f"odd {value}", UserWarning, stacklevel=1)
        return np.zeros(1, np.float32)

    with pytest.warns(UserWarning, match="odd") as caught:
        found = arrow(made(function))(pa.table({"path": ["a", "b"]}))
    assert ["odd a", "odd b"] == [str(each.message) for each in caught]
    assert [None, None] == found["code"].to_pylist()


def test_tables_that_have_no_place_for_the_columns_are_refused():
    """A missing, doubled or taken column is an error of the table, with the remedy."""
    for table, message in (
        (pa.table({"file": ["a"]}), r"no column 'path' of inputs. It has: 'file'. Name one: arrow"),
        (pa.table({}), "It has: no columns"),
        (pa.table({"path": ["a"], "code": [1]}), "has the column 'code' already, which arrow adds"),
        (pa.table([["a"], ["b"]], ["path", "path"]), "has several columns 'path': rename all but"),
    ):
        with pytest.raises(CorpusError, match=message):
            arrow(ENCODER)(table)
    with pytest.raises(ValueError, match="workers must be an integer >= 1"):
        arrow(ENCODER, workers=0)


def test_pickles():
    """A pickle, also of cloudpickle if it is there, gives the same function."""
    table = pa.table({"path": [SPEECH, "missing.wav"]})
    encode = arrow(ENCODER.then("Delta"), dtype="float32", workers=2)
    copies = [pickle.loads(pickle.dumps(encode))]
    try:
        import cloudpickle
    except ImportError:
        pass
    else:
        copies.append(pickle.loads(cloudpickle.dumps(encode)))
    for copy in copies:
        assert encode(table).equals(copy(table), check_metadata=True)
        assert (encode.encoder, encode.layout, 2) == (copy.encoder, copy.layout, copy.workers)


def test_threads_and_workers_give_the_same_table():
    """Several threads may share a function, and the bits do not depend on `workers`."""
    table = pa.table({"path": [SPEECH, "missing.wav"] * 8, "start": [x / 10 for x in range(16)]})
    expected = arrow(ENCODER)(table)
    for workers in (2, 5):
        assert expected.equals(arrow(ENCODER, workers=workers)(table), check_metadata=True)
    shared = arrow(ENCODER)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(shared, [table] * 8):
            assert expected.equals(found)


@pytest.mark.parametrize(("workers", "threads"), [(1, 1), (3, 3)])
def test_only_the_threads_that_are_asked_for(workers, threads):
    """An encoder is told to use one thread for an input, also by a call with one worker."""
    seen = set()
    told = []
    gate = threading.Barrier(threads, timeout=30)

    def function(value):
        told.append(current("workers", None))
        seen.add(threading.get_ident())
        gate.wait()
        return np.zeros(1, np.float32)

    arrow(made(function), workers=workers)(pa.table({"path": ["a"] * 6}))
    assert ([1] * 6, threads) == (told, len(seen))


def test_call_in_a_worker_pool():
    """A function is called in a thread of another pool."""
    table = pa.table({"path": [SPEECH]})
    with WorkerPool(2) as pool:
        task = pool.submit(arrow(ENCODER, workers=2), table)
        assert arrow(ENCODER)(table).equals(pool.wait(task, helping=False))


def audio():
    """Return the bytes of a short WAV file."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.zeros(400, np.float32), 8000, format="WAV")
    return file.getvalue()


WAV = audio()
TEXTS = st.one_of(st.none(), st.sampled_from([SPEECH, "", "a\0b"]), st.text(max_size=9))
BINARIES = st.one_of(st.none(), st.just(WAV), st.binary(max_size=60))
STRUCTS = st.one_of(st.none(), st.fixed_dictionaries({"bytes": BINARIES, "path": TEXTS}))
LISTS = st.one_of(st.none(), st.lists(st.floats(width=32), max_size=5))
NUMBERS = st.one_of(st.none(), st.floats(), st.integers(-9, 9).map(float))
COLUMNS = [
    (TEXTS, pa.string()),
    (TEXTS, pa.large_string()),
    (TEXTS, pa.dictionary(pa.int8(), pa.string())),
    (BINARIES, pa.binary()),
    (STRUCTS, pa.struct({"bytes": pa.binary(), "path": pa.string()})),
    (LISTS, pa.list_(pa.float32())),
    (st.none(), pa.null()),
    (st.booleans(), pa.bool_()),
]


@st.composite
def tables(draw):
    """Draw a table with a column of inputs of any type, in chunks, and columns of parts."""
    values, kind = draw(st.sampled_from(COLUMNS))
    chunks = draw(st.lists(st.lists(values, max_size=4), max_size=3))
    chunks = [[v for v in chunk if not _has_surrogate(v)] for chunk in chunks]
    column = pa.chunked_array([pa.array(chunk, kind) for chunk in chunks], kind)
    columns = {"path": column, "id": pa.array(range(len(column)))}
    for name in draw(st.sets(st.sampled_from(["start", "stop", "channel"]))):
        given = draw(st.lists(NUMBERS, min_size=len(column), max_size=len(column)))
        columns[name] = pa.array(given, draw(st.sampled_from([pa.float64(), pa.float32()])))
    return pa.table(columns)


def _has_surrogate(value):
    text = value.get("path") if isinstance(value, dict) else value
    return isinstance(text, str) and not text.isascii() and "\\ud" in ascii(text)


@given(tables(), st.sampled_from([1, 2]))
def test_no_table_raises_or_loses_a_row(table, workers):
    """For any table, rows keep number, order and columns, and have either an array or a code."""
    found = arrow(ENCODER, workers=workers)(table)
    assert repr(table.to_pydict()) == repr(found.select(table.column_names).to_pydict())
    for row in found.select(module.ADDED).to_pylist():
        null = [row[name] is None for name in module.ADDED]
        assert null in ([False, False, True, True], [True, True, False, False])
    found.validate(full=True)
