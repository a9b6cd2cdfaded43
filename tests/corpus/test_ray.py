"""Corpora on Ray, with two processors: no row is lost or doubled, also if workers are killed."""

import io
import os
import signal

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_corpus import CorpusError, Source, SourceError, arrow, encode, open_source
from netencoders_corpus.layout import layout_of

# Ray gives warnings of its own, such as those of files that it does not close.
pytestmark = [pytest.mark.corpora, pytest.mark.timeout(300), pytest.mark.filterwarnings("default")]

ENCODER = NetEncoder("AudioMFCC", SampleRate=8000)
COUNT = 3000
BROKEN = 30


@pytest.fixture(scope="module")
def ray():
    """Start Ray with two processors."""
    import ray
    import ray.data

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of 3000 small files, of which one in a hundred is broken."""
    import soundfile

    folder = tmp_path_factory.mktemp("in")
    random = np.random.default_rng(0)
    for number in range(COUNT):
        file = io.BytesIO()
        samples = random.normal(0, 0.1, int(random.integers(800, 2400)))
        soundfile.write(file, samples, 8000, format="WAV")
        content = file.getvalue()
        path = folder / f"{number % 7}" / f"{number:05d}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content[: len(content) // 2] if number % 100 == 50 else content)
    return folder


@pytest.fixture(scope="module")
def expected(folder):
    """Return the frames, the bytes of the numbers, and the code of each file, by single calls."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.wav"))
    results = ENCODER.map([str(folder / path) for path in paths], on_error="return")
    found = {}
    for path, result in zip(paths, results, strict=True):
        code = getattr(result, "code", None)
        found[path] = (None, None, code) if code else (len(result), result.tobytes(), None)
    return found


def rows(table):
    """Return the rows of a table of pyarrow in the same form; a doubled id fails."""
    found = {}
    for row in table.select(["id", "frames", "features", "code"]).to_pylist():
        assert row["id"] not in found
        numbers = row["features"]
        data = None if numbers is None else np.array(numbers, np.float32).tobytes()
        found[row["id"]] = (row["frames"], data, row["code"])
    return found


def killer(marks, moments):
    """Return a function of tables that kills its process at some batches, each time once."""
    seen = []

    def kill(table):
        seen.append(table)
        for moment in moments:
            if len(seen) == moment and not os.path.exists(mark := f"{marks}/{moment}"):
                open(mark, "x").close()
                os.kill(os.getpid(), signal.SIGKILL)
        return table

    return kill


def test_dataset_with_killed_workers(ray, folder, expected, tmp_path):
    """Two workers are killed: each file is one row, with the bits of a single call or its code."""
    from netencoders_corpus.ray import encode as encode_on_ray

    items = [{"id": name, "path": str(folder / name)} for name in expected]
    dataset = ray.data.from_items(items, override_num_blocks=12)
    dataset = dataset.map_batches(killer(tmp_path, (2, 4)), batch_format="pyarrow", batch_size=50)
    found = encode_on_ray(dataset, ENCODER)
    found.write_parquet(str(tmp_path / "out"))
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "out")
    assert expected == rows(table)
    assert ["2", "4"] == sorted(path.name for path in tmp_path.iterdir() if path.name != "out")
    assert BROKEN == sum(1 for *_, code in expected.values() if code)
    assert ENCODER.digest.encode() == table.schema.metadata[b"netencoders.digest"]


def test_corpus_with_killed_workers(ray, folder, expected, tmp_path):
    """Two workers are killed while they encode parts: the corpus has each file once."""
    from netencoders_corpus import sourcing
    from netencoders_corpus.files import Files
    from netencoders_corpus.ray import encode as encode_on_ray

    marks = tmp_path / "marks"
    marks.mkdir()

    class Killing(Source):
        """A folder that kills its process in the middle, in the second reading, twice in all."""

        columns = {}  # noqa: RUF012 - it never changes
        readings = 0

        def __init__(self, folder):
            self.name, self.folder = str(folder), folder

        def items(self):
            # In the process of the worker: no items are held, so that the source is read twice.
            sourcing.HELD_ITEMS = 0
            self.readings += 1
            for place, item in enumerate(open_source(self.folder).items()):
                if self.readings == 2 and place == 1500 and len(os.listdir(marks)) < 2:
                    (marks / str(os.getpid())).touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                yield item

    out = tmp_path / "out"
    source = Killing(folder)
    report = encode_on_ray(source, ENCODER, out, parts=5)
    assert 2 == len(os.listdir(marks))
    assert (COUNT, COUNT - BROKEN) == (report.total, report.done)
    assert BROKEN == sum(report.failed.values()) == sum(report.new_failures.values())
    import pyarrow.parquet

    assert expected == rows(pyarrow.parquet.read_table(out / "shards"))
    assert 5 == len(Files(out, "any").live())
    again = encode_on_ray(folder, ENCODER, out)  # with the same number of parts
    assert (0, COUNT) == (again.done, again.kept)
    local = encode(ENCODER, folder, out)
    assert (0, COUNT) == (local.done, local.kept)


@pytest.mark.parametrize("blocks", [1, 100])
def test_dataset_is_divided_among_processors(ray, folder, expected, blocks):
    """One block, and many small ones, become four tasks for each processor; the order stays."""
    from netencoders_corpus.ray import encode as encode_on_ray

    names = [*expected][:400]
    items = [{"id": name, "path": str(folder / name)} for name in names]
    dataset = ray.data.from_items(items, override_num_blocks=blocks)
    found = encode_on_ray(dataset, ENCODER).materialize()
    assert 8 == found.num_blocks()
    table = found.take_batch(len(names), batch_format="pyarrow")
    assert names == table["id"].to_pylist()
    assert {name: expected[name] for name in names} == rows(table)
    assert ray.data.DataContext.get_current().op_resource_reservation_enabled
    chosen = encode_on_ray(dataset, ENCODER, batch_size=400).materialize()
    assert 1 == chosen.num_blocks()


@pytest.mark.parametrize(
    ("count", "size", "tasks"),
    [(400, 400, 50), (10**6, 10**6, 1024), (1000, 1000 << 20, 32), (8, 8 << 30, 1)],
)
def test_tasks_have_limits_of_rows_and_bytes(count, size, tasks):
    """A task gets at most 1024 rows, and 32 MiB of them, but a row at least."""
    from netencoders_corpus.ray import _divided

    class Dataset:
        def count(self):
            return count

        def size_bytes(self):
            return size

        def num_blocks(self):
            return 100

    dataset = Dataset()
    assert (dataset, tasks) == _divided(dataset, 8)


def test_rows_of_a_task_are_encoded_some_at_once():
    """A task of many rows holds the arrays of 64 rows at a time."""
    import pyarrow as pa

    from netencoders_corpus.ray import _tables

    table = pa.table({"path": [str(number) for number in range(150)]})
    tables = [*_tables(lambda part: part, table)]
    assert [64, 64, 22] == [part.num_rows for part in tables]
    assert table == pa.concat_tables(tables)
    assert [0] == [part.num_rows for part in _tables(lambda part: part, table.slice(0, 0))]


def test_actors_leave_a_processor(ray, folder, expected):
    """Actors get less than one processor each, and those that would take all are refused."""
    from netencoders_corpus.ray import encode as encode_on_ray

    names = [*expected][:100]
    items = [{"id": name, "path": str(folder / name)} for name in names]
    dataset = ray.data.from_items(items, override_num_blocks=4)
    found = encode_on_ray(dataset, ENCODER, actors=2).take_batch(100, batch_format="pyarrow")
    assert {name: expected[name] for name in names} == rows(found)
    for cpus in (1, 0.6, -1):
        with pytest.raises(
            CorpusError, match=r"2 actors of .* the 2 CPUs .* Give cpus=0.5 or less"
        ):
            encode_on_ray(dataset, ENCODER, actors=2, cpus=cpus)


def test_arguments_that_do_not_fit_are_refused(ray, folder, tmp_path):
    """A dataset has no corpus, a source has no actors, and a source needs a folder."""
    from netencoders_corpus.ray import encode as encode_on_ray

    dataset = ray.data.from_items([{"path": "a"}])
    with pytest.raises(CorpusError, match="out, content: only a source is encoded into a corpus"):
        encode_on_ray(dataset, ENCODER, tmp_path / "out", content="hash")
    with pytest.raises(CorpusError, match="a source is encoded into a corpus: give its folder"):
        encode_on_ray(folder, ENCODER)
    with pytest.raises(CorpusError, match="actors are for datasets"):
        encode_on_ray(folder, ENCODER, tmp_path / "out", actors=1)


def test_errors_are_those_of_a_local_run(ray, folder, tmp_path):
    """A source that is not there, and an encoder that has changed, are the errors of `encode`."""
    from netencoders_corpus.ray import encode as encode_on_ray

    with pytest.raises(SourceError, match="there is no such file or folder"):
        encode_on_ray(tmp_path / "missing", ENCODER, tmp_path / "out")
    small = tmp_path / "in"
    (small / "a").mkdir(parents=True)
    for number, path in enumerate(sorted(folder.rglob("*.wav"))[:4]):
        (small / "a" / f"{number}.wav").write_bytes(path.read_bytes())
    encode_on_ray(small, ENCODER, tmp_path / "out", parts=2)
    other = ENCODER.replace(NumberOfCoefficients=12)
    with pytest.raises(CorpusError, match="NumberOfCoefficients"):
        encode_on_ray(small, other, tmp_path / "out")
    report = encode_on_ray(small, other, tmp_path / "out", update=True)
    assert (4, 4) == (report.done, report.total)


def test_batches_of_ray_are_those_of_arrow(ray, folder, expected):
    """Empty blocks and columns of segments pass through Ray."""
    import pyarrow as pa

    from netencoders_corpus.ray import encode as encode_on_ray

    name = next(name for name, row in expected.items() if row[1])
    table = pa.table(
        {"id": [name, "part"], "path": [str(folder / name)] * 2, "start": [None, 0.02]}
    )
    dataset = ray.data.from_arrow([table, table.slice(0, 0)])
    found = encode_on_ray(dataset, ENCODER).take_batch(10, batch_format="pyarrow")
    assert rows(arrow(ENCODER)(table)) == rows(found)
    assert layout_of(ENCODER) is not None
