"""Corpora on Ray: Ray Data divides the work among processes and machines, and repeats lost tasks.

`encode` maps a Ray dataset by `netencoders_corpus.arrow`, or encodes the parts of a source into one
corpus. A part is what `netencoders corpus encode --part` encodes: it has a writer of its own, and a
task that Ray repeats goes on from the rows that the lost one has written.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netencoders import NetEncoder, NetEncodersError
from netencoders_corpus import encoding
from netencoders_corpus.arrow import ArrowEncoder, arrow
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.locks import Part
from netencoders_corpus.report import CorpusReport
from netencoders_corpus.sources import Source, open_source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["encode"]

ROWS: Final = 64
"""The rows of a batch: its arrays are in memory at the same time."""

SUMS: Final = (
    "done",
    "kept",
    "removed",
    "failed",
    "new_failures",
    "hours",
    "bytes",
    "total",
)
"""The fields of a report that are summed over the parts."""

PARTS_A_CPU: Final = 2  # parts differ in length, and each reads the list


def encode(
    dataset_or_source: Any,
    encoder: NetEncoder,
    out: str | os.PathLike[str] | None = None,
    *,
    input: str = "path",  # noqa: A002 - the name of the column of inputs
    dtype: str = "float32",
    batch_size: int = ROWS,
    actors: int | None = None,
    cpus: float | None = None,
    parts: int | None = None,
    **options: Any,
) -> Any:
    """Encode a Ray dataset, or a source into a corpus, on all machines of a cluster.

    Parameters
    ----------
    dataset_or_source : ray.data.Dataset, str, path-like or Source
        A dataset gives a dataset with the columns of `netencoders_corpus.arrow`. A source, such as
        a folder or a manifest, is encoded into the corpus `out`; all machines must see both under
        the same paths.
    encoder : NetEncoder
    out : str or path-like, optional
        The folder of the corpus, for a source.
    input : str
        The column of inputs of a dataset.
    dtype : {"float32", "float16"}
        The type of the stored numbers; float16 needs a logarithm.
    batch_size : int
        The number of rows of a dataset that are encoded at once.
    actors : int, optional
        Encode a dataset in so many actors, which live until the end, instead of tasks. Actors must
        leave one CPU of the cluster free: on all CPUs, they wait for ever for the tasks that read
        the dataset.
    cpus : float, optional
        The CPUs of a task, by default 1; or of an actor, by default as many as leave one CPU free,
        and at most 1.
    parts : int, optional
        The number of parts into which a source is divided. The default is that of the corpus, or
        two for each CPU. Each part reads the list of the whole source.
    **options
        For a source: as for `netencoders_corpus.encode`, such as ``content`` or ``update``.

    Returns
    -------
    ray.data.Dataset, or CorpusReport
        A dataset is encoded when it is read or written.

    Raises
    ------
    CorpusError
        `out` is missing or not possible, the actors would use all CPUs, ray is not installed, or a
        part cannot be encoded (see `netencoders_corpus.encode`).
    SourceError
        The source is not valid.
    """
    ray = _ray()
    if not isinstance(dataset_or_source, ray.data.Dataset):
        if out is None:
            raise CorpusError(
                "a source is encoded into a corpus: give its folder as out. For a dataset, read "
                "the source by Ray, such as ray.data.read_parquet(...)."
            )
        if actors is not None:
            raise CorpusError("actors are for datasets: the parts of a source are tasks.")
        workers = max(1, int(cpus or 1))
        options = {"workers": workers, "dtype": dtype, **options}
        return _corpus(ray, dataset_or_source, encoder, out, cpus or 1, parts, options)
    if out is not None or parts is not None or options:
        given = [*(["out"] if out is not None else []), *(["parts"] if parts else []), *options]
        raise CorpusError(
            f"{', '.join(given)}: only a source is encoded into a corpus. Write the dataset that "
            "is returned, such as encode(dataset, encoder).write_parquet(folder)."
        )
    function = arrow(encoder, input, dtype=dtype)
    chosen: dict[str, Any] = {"batch_format": "pyarrow", "batch_size": batch_size}
    if actors is None:
        return dataset_or_source.map_batches(function, num_cpus=cpus or 1, **chosen)
    chosen["compute"] = ray.data.ActorPoolStrategy(size=actors)
    chosen["num_cpus"] = _cpus(ray, actors, cpus)
    return dataset_or_source.map_batches(_Encode, fn_constructor_args=(function,), **chosen)


class _Encode:
    """The actor: Ray makes it of a class."""

    def __init__(self, encode: ArrowEncoder) -> None:
        self._encode = encode

    def __call__(self, table: pa.Table) -> pa.Table:
        return self._encode(table)


def _cpus(ray: Any, actors: int, cpus: float | None) -> float:
    """Return the CPUs of an actor; refuse actors that would leave no CPU free."""
    total = ray.cluster_resources().get("CPU", 0)
    most = (total - 1) / actors
    chosen = min(1.0, int(most * 100) / 100) if cpus is None else cpus
    if not 0 < chosen <= most + 1e-9:
        raise CorpusError(
            f"{actors} actors of {chosen:g} CPUs leave none of the {total:g} CPUs of the cluster "
            "free, and would wait for ever for the tasks that read the dataset. Give cpus="
            f"{max(most, 0):g} or less, fewer actors, or no actors."
        )
    return chosen


def _corpus(
    ray: Any,
    source: str | os.PathLike[str] | Source,
    encoder: NetEncoder,
    out: str | os.PathLike[str],
    cpus: float,
    parts: int | None,
    options: dict[str, Any],
) -> CorpusReport:
    """Encode the parts of a source in tasks, and return the sum of their reports."""
    begun = time.monotonic()
    if not isinstance(source, Source):
        open_source(source, column=options.get("column"))  # its errors, before any task
        source = os.path.abspath(source)
    folder = os.path.abspath(out)
    own = int(ray.cluster_resources().get("CPU", 1) / cpus) * PARTS_A_CPU
    count = parts or _division(Path(folder)) or max(2, own)

    def encode_part(row: dict[str, Any]) -> dict[str, Any]:
        part = Part(int(row["part"]), count)
        try:
            found = encoding.encode(encoder, source, folder, part=part, **options)
        except NetEncodersError as problem:  # as data: Ray's exceptions lose its class
            return {"report": b"", "problem": pickle.dumps(problem)}
        state = {name: getattr(found, name) for name in SUMS}
        return {"report": json.dumps(state).encode(), "problem": b""}

    numbers = [{"part": number} for number in range(1, count + 1)]
    dataset = ray.data.from_items(numbers, override_num_blocks=count)
    total = CorpusReport()
    for row in dataset.map(encode_part, num_cpus=cpus).iter_rows():
        if row["problem"]:
            problem: NetEncodersError = pickle.loads(row["problem"])  # noqa: S301 - of our own task
            raise problem
        _add(total, json.loads(row["report"]))
    total.seconds = time.monotonic() - begun
    return total


def _add(total: CorpusReport, state: dict[str, Any]) -> None:
    for name in SUMS:
        before = getattr(total, name)
        after = Counter(before) + Counter(state[name]) if isinstance(before, dict) else None
        setattr(total, name, before + state[name] if after is None else after)
    total.failed = dict(sorted(total.failed.items()))


def _division(folder: Path) -> int | None:
    """Return the number of parts of a corpus that exists."""
    shards = folder / "shards"
    names = sorted(path.name for path in shards.glob("*-of-*")) if shards.is_dir() else []
    found = re.search(r"-of-(\d+)", names[0]) if names else None
    count = int(found[1]) if found else 1
    return count if count > 1 else None


def _ray() -> Any:
    try:
        import ray  # late: an extra
        import ray.data
        import ray.exceptions
    except ImportError as problem:
        raise CorpusError(f"it needs Ray: pip install 'netencoders[ray]' ({problem})") from problem
    return ray
