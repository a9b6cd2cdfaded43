"""Shards: a shard has a limited number of rows, so that a run needs limited memory."""

import numpy as np
import pytest
from corpora import ENCODER, make_folder

from netencoders import NetEncoder
from netencoders_corpus import Item, encode, shards
from netencoders_corpus.files import Files
from netencoders_corpus.layout import layout_of
from netencoders_corpus.reading import opened
from netencoders_corpus.rows import Row, schema_of

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def test_shard_has_a_limited_number_of_rows(tmp_path, monkeypatch):
    """A shard ends after so many rows, also if their arrays are small or missing."""
    monkeypatch.setattr(shards, "SHARD_ROWS", 3)
    (tmp_path / "in").mkdir()
    for number in range(8):
        (tmp_path / "in" / f"{number}.wav").write_bytes(b"")
    encode(NetEncoder("AudioMFCC"), tmp_path / "in", tmp_path / "out")
    found = sorted((tmp_path / "out" / "shards").iterdir())
    assert [3, 3, 2] == [parquet.read_metadata(path).num_rows for path in found]


@pytest.mark.parametrize("chunk", [1, 30, 1 << 16])
def test_numbers_of_groups_share_a_buffer(tmp_path, monkeypatch, chunk):
    """Each row has its numbers: small, large, empty and missing ones, in groups of any size."""
    monkeypatch.setattr(shards, "CHUNK", chunk)
    monkeypatch.setattr(shards, "GROUP_BYTES", 400)
    monkeypatch.setattr(shards, "GROUP_ROWS", 4)
    encoder = NetEncoder("AudioMFCC")
    layout, files = layout_of(encoder), Files(tmp_path, "x")
    files.make("parquet")
    writer = shards.ShardWriter(files, layout, schema_of(layout, encoder, {}))
    sizes = [3, None, 0, 40, 70, 100, 101, 5, 300, None, 0, 0, 0, None, None, None, 2, 99, 1]
    arrays = []
    for place, size in enumerate(sizes):
        numbers = None if size is None else np.arange(place, place + size, dtype=np.float32)
        arrays.append(None if size is None else numbers.tolist())
        row = Row(Item(str(place), "a", "a"), "", "", size, numbers)
        writer.add(row)
        assert row.numbers is None
        if numbers is not None and numbers.nbytes <= 400:
            numbers[:] = -1  # the buffer has a copy
    writer.close()
    table = parquet.read_table(files.temporary(writer.name))
    assert arrays == table["features"].to_pylist()
    assert [str(place) for place in range(len(sizes))] == table["id"].to_pylist()
    groups = parquet.read_metadata(files.temporary(writer.name))
    assert 4 >= max(groups.row_group(place).num_rows for place in range(groups.num_row_groups))


def test_reader_that_is_left_open_ends_with_the_interpreter(tmp_path, monkeypatch):
    """The names of pyarrow may be gone then: closing the file looks for none of them."""
    encode(ENCODER, make_folder(tmp_path / "in", 1), tmp_path / "out")
    (path,) = (tmp_path / "out" / "shards").iterdir()
    context = opened(path)
    context.__enter__()
    monkeypatch.setattr(pyarrow, "ArrowException", None)
    context.gen.close()
