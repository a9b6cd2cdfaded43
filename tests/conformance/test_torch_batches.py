"""Batches in a DataLoader of torch with worker processes, by ``pytest -m parity``."""

from pathlib import Path

import numpy as np
import pytest

from netencoders import NetEncoder

pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

DATA = Path(__file__).parents[1] / "data"
PATHS = sorted(DATA.glob("*.wav"))


class Collate:
    """The collate function of the docstring of `NetEncoder.batch`, which can be pickled."""

    def __init__(self, encoder):
        self.encoder = encoder

    def __call__(self, items):
        """Return arrays, masks and labels as tensors."""
        import torch

        batch = self.encoder.batch([path for path, _ in items])
        labels = torch.tensor([label for _, label in items])
        return torch.from_numpy(batch.array), torch.from_numpy(batch.mask), labels


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("layout", ["time first", "features first"])
def test_data_loader_with_workers_gives_padded_batches(layout, start):
    """The batches of worker processes have the arrays of the calls, zeros after them, and masks."""
    from torch.utils.data import DataLoader

    encoder = NetEncoder("AudioMelSpectrogram").then("Log")
    encoder = encoder if layout == "time first" else encoder.then("Transpose")
    axis = encoder.output.stream_axis
    items = [(str(path), label) for label, path in enumerate(PATHS)] * 4
    loader = DataLoader(
        items,
        batch_size=5,
        num_workers=2,
        collate_fn=Collate(encoder),
        multiprocessing_context=start,
    )
    expected = [np.moveaxis(encoder(path), axis, 0) for path, _ in items]
    seen = []
    for array, mask, labels in loader:
        rows = np.moveaxis(array.numpy(), axis + 1, 1)
        for padded, kept in zip(rows, mask.numpy(), strict=True):
            wanted = expected[len(seen)]
            assert wanted.tobytes() == padded[kept].tobytes()
            assert not padded[~kept].any()
            seen.append(len(wanted))
        assert [label for _, label in items[len(seen) - len(labels) : len(seen)]] == labels.tolist()
    assert [len(array) for array in expected] == seen
