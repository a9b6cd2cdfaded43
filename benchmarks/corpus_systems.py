"""Corpus systems: many files encoded and stored, by netencoders and by tools for data sets.

Each call writes to a new folder, which is removed before the next call. The time is that of the
processors, so that it does not depend on the disk. The features of Lhotse's own extractor are
others, of the same size: only the time is compared.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any, Literal

from benchmarks.tasks import Prepared, System, Task

__all__ = ["DATASETS", "LHOTSE", "MAP", "NPY", "PARQUET", "RESUME"]


def _folders() -> Callable[[], Path]:
    """Return a function that removes its last folder, and returns a new one."""
    root = Path(tempfile.mkdtemp(prefix="netencoders-corpus-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)

    def new() -> Path:
        shutil.rmtree(root / "out", ignore_errors=True)
        return root / "out"

    return new


def mapped(task: Task) -> Prepared:
    """Prepare `NetEncoder.map`, whose arrays are dropped."""
    encoder = task.net_encoder()
    return Prepared(lambda: encoder.map(task.inputs, workers=task.threads), clock=process_time)


def _corpus(task: Task, form: Literal["parquet", "npy"], *, again: bool = False) -> Prepared:
    from netencoders_corpus import Corpus, Item, Source, encode

    class Paths(Source):
        name, columns = "inputs", {}

        def items(self) -> Iterator[Item]:
            for path in task.inputs:
                yield Item(path, path, path)

    encoder, new = task.net_encoder(), _folders()

    def stored() -> Path:
        out = new()
        encode(encoder, Paths(), out, workers=task.threads, format=form)
        return out

    complete = stored() if again else None

    def call() -> list[Any]:
        if complete is None:
            stored()
        else:
            encode(encoder, Paths(), complete, workers=task.threads, format=form)
        return []

    return Prepared(call, compared=lambda: Corpus(stored()).arrays(), clock=process_time)


def parquet(task: Task) -> Prepared:
    """Prepare a corpus of Parquet."""
    return _corpus(task, "parquet")


def npy(task: Task) -> Prepared:
    """Prepare a corpus of .npy files."""
    return _corpus(task, "npy")


def resume(task: Task) -> Prepared:
    """Prepare a corpus of Parquet that is complete, so that a call has nothing to do."""
    return _corpus(task, "parquet", again=True)


def lhotse(task: Task) -> Prepared:
    """Prepare Lhotse: its own filter bank, stored as .npy files."""
    from lhotse import CutSet, Fbank, FbankConfig, NumpyFilesWriter, Recording

    filters = int(task.parameters["NumberOfFilters"])
    extractor = Fbank(FbankConfig(num_filters=filters))
    new = _folders()

    def call() -> list[Any]:
        out = new()
        out.mkdir()
        recordings = [Recording.from_file(path) for path in task.inputs]
        cuts = CutSet.from_cuts(recording.to_cut() for recording in recordings)
        cuts.compute_and_store_features(
            extractor, out / "features", num_jobs=1, storage_type=NumpyFilesWriter
        )
        return []

    return Prepared(call, clock=process_time)


def datasets(task: Task) -> Prepared:
    """Prepare Hugging Face `map` with the encoder of netencoders as its function."""
    import datasets as hugging_face

    encoder, new = task.net_encoder(), _folders()
    hugging_face.disable_progress_bars()

    def call() -> list[Any]:
        rows = hugging_face.Dataset.from_dict({"path": list(task.inputs)})
        rows.map(
            lambda row: {"features": encoder(row["path"])},
            cache_file_name=str(new()) + ".arrow",
            load_from_cache_file=False,
        )
        return []

    return Prepared(call, clock=process_time)


MAP = System("netencoders, map", mapped)
PARQUET = System("netencoders_corpus.encode, Parquet", parquet, requires=("pyarrow",))
NPY = System("netencoders_corpus.encode, npy", npy, requires=("pyarrow",))
RESUME = System("netencoders_corpus.encode, again", resume, requires=("pyarrow",))
LHOTSE = System("Lhotse, Fbank, NumpyFiles", lhotse, requires=("lhotse",), comparable=False)
DATASETS = System("Hugging Face map", datasets, requires=("datasets",), comparable=False)
