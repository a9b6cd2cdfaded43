"""Shards: a shard has a limited number of rows, so that a run needs limited memory."""

import pytest

from netencoders import NetEncoder
from netencoders_corpus import encode, shards

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
