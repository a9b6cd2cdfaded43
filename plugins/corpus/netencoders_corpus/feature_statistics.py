"""Feature statistics: mean and deviation of each feature over all rows of a corpus."""

from __future__ import annotations

import os
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import NetEncoder
from netencoders.errors import printable
from netencoders.replacing import replacing
from netencoders_core.layers.moments import Moments, joined, moments
from netencoders_corpus.corpus import Corpus
from netencoders_corpus.errors import CorpusError
from netencoders_corpus.files import reported

__all__ = ["Statistics", "statistics"]

FRAMES: Final = 1 << 14
"""The frames of a long array that are measured at once."""


class Statistics:
    """The mean and the deviation of each feature.

    Attributes
    ----------
    count : int
        The number of frames.
    mean, squares : ndarray of float64
        Of each feature: the mean, and the sum of the squared differences to it. Without features,
        as in a waveform, they have no dimension.
    deviation : ndarray of float64
        The square root of the mean of the squared differences.
    """

    def __init__(self, corpus: Corpus, found: Moments) -> None:
        self._corpus = corpus
        self.count, self.mean, self.squares = found.count, found.mean, found.squares
        self.deviation = np.sqrt(found.variance(ddof=0))

    def encoder(self) -> NetEncoder:
        """Return the encoder of the corpus with a layer Affine, which gives mean 0 and deviation 1.

        A feature that is constant in the corpus has Factor 1.
        """
        factor = 1 / np.where(self.deviation > 0, self.deviation, 1.0)
        return self._corpus.encoder.then("Affine", Shift=_plain(-self.mean), Factor=_plain(factor))

    def write(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write the statistics.

        Parameters
        ----------
        path : str or path-like
            ``.yaml`` or ``.yml``: a spec of the encoder with the layer Affine. ``.npz``: the arrays
            count, mean, squares and deviation.
        force : bool
            Replace an existing file.

        Raises
        ------
        CorpusError
            The suffix is another one, or the file cannot be written.
        FileExistsError
            There is such a file, and `force` is False.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in (".yaml", ".yml", ".npz"):
            raise CorpusError(
                f"{printable(str(path))}: statistics are written as a spec, .yaml, or as arrays, "
                ".npz. Choose such a name."
            )
        if not force and os.path.lexists(target):
            raise FileExistsError(
                f"{printable(str(path))}: it exists already. Choose another name, or give "
                "force=True (--force)."
            )
        text = "" if suffix == ".npz" else f"{self._heading()}{self.encoder().to_yaml()}"
        with reported(target, goes_on=False), replacing(target, force=force) as file:
            if suffix != ".npz":
                file.write(text.encode())
                return
            names = ("mean", "squares", "deviation")
            arrays = {name: getattr(self, name) for name in names}
            np.savez(file, count=np.array(self.count), **arrays)

    def _heading(self) -> str:
        rows = len(self._corpus) - self._corpus.description.failed
        return (
            f"# The encoder of a corpus, and a layer that gives each feature mean 0 and deviation 1"
            f"\n# in its {self.count} frames of {rows} rows.\n"
        )


def statistics(corpus: Corpus | str | PathLike[str]) -> Statistics:
    """Measure the mean and the deviation of each feature over all frames of a corpus.

    The sums are of float64, and those of the shards are joined in the order of the shards by the
    formula of Chan, Golub and LeVeque: the bits do not depend on workers.

    Parameters
    ----------
    corpus : Corpus, str or path-like

    Returns
    -------
    Statistics

    Raises
    ------
    CorpusError
        The corpus has no frames, or its features are not the last dimension.

    Examples
    --------
    >>> import tempfile
    >>> from netencoders import NetEncoder
    >>> from netencoders_corpus import encode, statistics
    >>> out = tempfile.mkdtemp()
    >>> report = encode(NetEncoder("AudioMFCC"), "tests/data", out)
    >>> found = statistics(out)
    >>> found.mean.shape
    (13,)
    >>> found.encoder().layers[-1].name
    'Affine'
    """
    corpus = corpus if isinstance(corpus, Corpus) else Corpus(corpus)
    layout = corpus.layout
    if layout.axis or None in layout.dims[1:]:
        raise CorpusError(
            f"{printable(str(corpus.folder))}: the frames are not the first dimension of an array: "
            f"{layout.dims}. Statistics need (frames, features): leave out the layer that moves "
            "them."
        )
    total: Moments | None = None
    for _, shard in corpus.shards():
        arrays = (array for n in range(shard.groups) for array in shard.arrays(n))
        found = moments(part for array in arrays if array is not None for part in _parts(array))
        if found is not None:
            total = found if total is None else joined(total, found)
    if total is None:
        raise CorpusError(
            f"{printable(str(corpus.folder))}: it has no frames, so there is nothing to measure. "
            "Look at its failures: netencoders corpus failures."
        )
    return Statistics(corpus, total)


def _parts(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Yield the frames of an array, with one dimension of features, or none."""
    if array.ndim > 2:
        array = array.reshape(-1, array.shape[-1])
    if not array.ndim:
        array = array.reshape(1)
    for start in range(0, len(array), FRAMES):
        yield array[start : start + FRAMES]


def _plain(numbers: npt.NDArray[np.float64]) -> Any:
    return numbers.tolist()
