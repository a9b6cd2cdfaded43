"""AudioEncoderContract: the tests that every encoder of audio must pass, for pytest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from netencoders.testing import EncoderContract
from netencoders_audio.audio import Audio

__all__ = ["AudioEncoderContract"]


class AudioEncoderContract(EncoderContract):
    """`EncoderContract` with inputs and live streams of audio.

    Subclass it, name the encoder, and pytest runs the tests. Extend `inputs` with recordings of
    your own.

    Examples
    --------
    >>> class TestZeroCrossingRate(AudioEncoderContract):
    ...     encoder = "ZeroCrossingRate"
    """

    random_parameters: ClassVar[Mapping[str, Any]] = {"Augmentation": {"Noise": 0.1}}

    def inputs(self) -> Sequence[Any]:
        """Return recordings of several rates, types and numbers of channels.

        Returns
        -------
        list
            Noise: 13 s at 16000 Hz and four lengths whose last group has one row by default, for
            which a matrix product rounds rows in another way; two channels at 44100 Hz; 16-bit
            integers at 8000 Hz; and a dict as of Hugging Face datasets.
        """
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, 13 * 16000).astype(np.float32)
        # With the default Offset of 134 samples: 25, 49, 121 and 241 rows, in groups of 24.
        one_more = [Audio(noise[rows:][: rows * 134], 16000) for rows in (25, 49, 121, 241)]
        return [
            Audio(noise, 16000),
            *one_more,
            Audio(noise[:22050].reshape(-1, 2), 44100),
            Audio((noise[:11025] * 30000).astype(np.int16), 8000),
            {"array": noise[:5000], "sampling_rate": 16000},
        ]

    def live(self, value: Any) -> Any:
        """Return an `Audio` as an iterator of blocks of 0.1 s.

        Parameters
        ----------
        value : object
            One of `inputs`.

        Returns
        -------
        iterator of Audio, or None for other values
        """
        if not isinstance(value, Audio):
            return None
        size = max(1, value.rate // 10)
        starts = range(0, value.frames, size)
        return (
            Audio(value.samples[start : start + size], value.rate, value.channels)
            for start in starts
        )

    def pieces(self, value: Any) -> tuple[tuple[Any, ...], Sequence[Any]] | None:
        """Return the rate and the channels of an `Audio`, and its samples in pieces of 20 ms.

        Parameters
        ----------
        value : object
            One of `inputs`.

        Returns
        -------
        tuple, or None for other values
        """
        if not isinstance(value, Audio):
            return None
        size = max(1, value.rate // 50)
        starts = range(0, value.frames, size)
        pieces = [value.samples[start : start + size] for start in starts]
        return (value.rate, value.channels), pieces
