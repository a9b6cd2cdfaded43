"""torch_dataset: a corpus as a dataset of torch. This module imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

if TYPE_CHECKING:
    from netencoders_corpus.corpus import Corpus

__all__ = ["CorpusDataset", "padded"]


class CorpusDataset(IterableDataset):  # type: ignore[misc] # torch is not installed for mypy
    """The rows of a corpus that have arrays; see `Corpus.to_torch`.

    Parameters
    ----------
    corpus : Corpus
    columns : sequence of str
    """

    def __init__(self, corpus: Corpus, columns: Sequence[str] = ()) -> None:
        super().__init__()
        self.corpus, self.columns = corpus, tuple(columns)

    def __len__(self) -> int:
        return self.corpus.description.rows - self.corpus.description.failed

    def __iter__(self) -> Iterator[dict[str, Any]]:
        info = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        for place, group in self.corpus.groups()[first::step]:
            for row in self.corpus.rows(place, group):
                if row.array is None:
                    continue
                features = torch.from_numpy(np.array(row.array))  # a copy that may be written
                item = {"id": row.id, "features": features, "length": row.columns["frames"]}
                yield item | {name: row.columns[name] for name in self.columns}


def padded(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join items to a batch: the features with zeros at their ends, and the lengths as a tensor.

    Parameters
    ----------
    items : sequence of dict
        Items of `CorpusDataset` whose frames are the first dimension.

    Returns
    -------
    dict
        ``features`` of shape (items, frames, ...), ``length`` of shape (items,), and lists of the
        other values.
    """
    batch: dict[str, Any] = {name: [item[name] for item in items] for name in items[0]}
    batch["features"] = torch.nn.utils.rnn.pad_sequence(batch["features"], batch_first=True)
    batch["length"] = torch.tensor(batch["length"])
    return batch
