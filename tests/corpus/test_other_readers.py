"""The folder of shards is read by other libraries as it is, and a corpus by torch."""

import numpy as np
import pytest
from corpora import ENCODER, make_folder

from netencoders_corpus import Corpus, encode, shards

pytestmark = [pytest.mark.corpora, pytest.mark.filterwarnings("ignore")]  # of the libraries


@pytest.fixture
def out(tmp_path, monkeypatch):
    """Return a corpus of several shards, of which one row failed."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 20_000)
    encode(ENCODER, make_folder(tmp_path / "in"), tmp_path / "out")
    return tmp_path / "out"


def compared(rows, out):
    """Compare rows, as dicts, with those of a corpus."""
    corpus = Corpus(out)
    assert len(rows) == len(corpus) == 21
    for row in rows:
        expected = corpus[row["id"]]
        if expected.array is None:
            assert (None, expected.code) == (row["features"], row["code"])
        else:
            features = np.array(row["features"], np.float32).reshape(row["frames"], -1)
            np.testing.assert_array_equal(expected.array, features)


def test_pyarrow_reads_the_folder(out):
    """A dataset of pyarrow has the rows."""
    from pyarrow import dataset

    compared(dataset.dataset(out / "shards").to_table().to_pylist(), out)


def test_polars_reads_the_folder(out):
    """Polars has the rows."""
    polars = pytest.importorskip("polars")
    compared(polars.read_parquet(f"{out}/shards/*.parquet").to_dicts(), out)
    compared(polars.scan_parquet(out / "shards").collect().to_dicts(), out)


def test_duckdb_reads_the_folder(out):
    """Duckdb has the rows, and selects some."""
    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql(f"SELECT * FROM '{out}/shards/*.parquet'")
    names = found.columns
    compared([dict(zip(names, row, strict=True)) for row in found.fetchall()], out)
    query = f"SELECT count(*) FROM '{out}/shards/*.parquet' WHERE code IS NOT NULL"
    assert [(1,)] == duckdb.sql(query).fetchall()


def test_hugging_face_datasets_read_the_folder(out, tmp_path):
    """`datasets.load_dataset` has the rows."""
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "parquet", data_dir=str(out / "shards"), split="train", cache_dir=str(tmp_path / "cache")
    )
    compared([*loaded], out)


@pytest.mark.parametrize("form", ["parquet", "npy"])
@pytest.mark.parametrize("workers", [0, 2])
def test_torch_shares_the_rows_among_workers(tmp_path, monkeypatch, form, workers):
    """The workers of a DataLoader give each row once, with its length; batches are padded."""
    torch = pytest.importorskip("torch")
    from netencoders_corpus.torch_dataset import padded

    monkeypatch.setattr(shards, "GROUP_ROWS", 4)
    out = tmp_path / "out"
    encode(ENCODER, make_folder(tmp_path / "in"), out, format=form)
    corpus = Corpus(out)
    dataset = corpus.to_torch(["duration"])
    assert 20 == len(dataset)
    loader = torch.utils.data.DataLoader(
        dataset,
        batch_size=3,
        num_workers=workers,
        collate_fn=padded,
        multiprocessing_context="spawn" if workers else None,
    )
    seen = []
    for batch in loader:
        for place, name in enumerate(batch["id"]):
            length = int(batch["length"][place])
            features = batch["features"][place].numpy()
            np.testing.assert_array_equal(corpus[name].array, features[:length])
            assert not features[length:].any()
            seen.append(name)
        assert len(batch["duration"]) == len(batch["id"])
    assert sorted(set(corpus.ids) - {"broken.wav"}) == sorted(seen)
