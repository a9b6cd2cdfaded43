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
from collections.abc import Iterator
from functools import partial
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
"""The rows that are encoded at once: their arrays are in memory at the same time."""

TASKS_A_CPU: Final = 4
"""The tasks into which a dataset is divided, for each CPU. Inputs differ in length, so that one
task for each CPU would leave CPUs idle at the end; and each task takes about 15 ms (A126)."""

MOST_ROWS: Final = 1024
MOST_BYTES: Final = 1 << 25
"""A task gets at most so many rows, and so many bytes of them."""

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


def encode(
    dataset_or_source: Any,
    encoder: NetEncoder,
    out: str | os.PathLike[str] | None = None,
    *,
    input: str = "path",  # noqa: A002 - the name of the column of inputs
    dtype: str = "float32",
    batch_size: int | None = None,
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
    batch_size : int, optional
        The number of rows of a dataset that a task gets at least. By default, a dataset that Ray
        has in memory is divided into four tasks for each CPU or more, of at most 1024 rows and
        32 MiB; for another dataset, it is 64. A task encodes at most 64 rows at once, for each
        number.
    actors : int, optional
        Encode a dataset in so many actors, which live until the end, instead of tasks. Actors must
        leave one CPU of the cluster free: on all CPUs, they wait for ever for the tasks that read
        the dataset.
    cpus : float, optional
        The CPUs of a task, by default 1; or of an actor, by default as many as leave one CPU free,
        and at most 1.
    parts : int, optional
        The number of parts into which a source is divided. The default is that of the corpus, or
        one for each CPU, and at least two. Each part reads the list of the whole source.
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
    own = cpus or 1 if actors is None else _cpus(ray, actors, cpus)
    dataset, size = dataset_or_source, batch_size or ROWS
    if batch_size is None and isinstance(dataset, ray.data.dataset.MaterializedDataset):
        at_once = actors or max(1, int(ray.cluster_resources().get("CPU", 1) / own))
        dataset, size = _divided(dataset, at_once * TASKS_A_CPU)
    chosen: dict[str, Any] = {"batch_format": "pyarrow", "batch_size": size, "num_cpus": own}
    if actors is None:
        return dataset.map_batches(partial(_tables, function), **chosen)
    chosen["compute"] = ray.data.ActorPoolStrategy(size=actors)
    return dataset.map_batches(_Encode, fn_constructor_args=(function,), **chosen)


def _divided(dataset: Any, tasks: int) -> tuple[Any, int]:
    """Return a dataset with at least so many blocks, and the rows of a task for so many tasks.

    Ray puts small blocks together until a task has the rows of a batch, and never divides a block.
    """
    count = dataset.count()
    if not count:
        return dataset, ROWS
    bytes_of_all = max(1, dataset.size_bytes())
    size = min(-(-count // tasks), MOST_ROWS, max(1, MOST_BYTES * count // bytes_of_all))
    blocks = min(tasks, count)
    if 2 * dataset.num_blocks() < blocks:
        dataset = dataset.repartition(blocks)
    return dataset, size


def _tables(encode: ArrowEncoder, table: pa.Table) -> Iterator[pa.Table]:
    """Yield the encoded rows, some at once. Ray makes blocks of them."""
    for start in range(0, max(table.num_rows, 1), ROWS):  # no rows: a table with the columns
        yield encode(table.slice(start, ROWS))


class _Encode:
    """The actor: Ray makes it of a class."""

    def __init__(self, encode: ArrowEncoder) -> None:
        self._encode = encode

    def __call__(self, table: pa.Table) -> Iterator[pa.Table]:
        return _tables(self._encode, table)


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
    own = int(ray.cluster_resources().get("CPU", 1) / cpus)  # each part reads the list
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
    reports = dataset.map(encode_part, num_cpus=cpus)
    # Ray limits the memory of outputs, which are small here. Until it knows the size of the
    # cluster, for 1 s, the limit lets one task run at a time (A126).
    reports.context.op_resource_reservation_enabled = False
    total = CorpusReport()
    for row in reports.iter_rows():
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
