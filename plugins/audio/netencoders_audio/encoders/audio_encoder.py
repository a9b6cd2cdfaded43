"""AudioEncoder: the base of all audio encoders; it makes the signals of probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netencoders import ArraySpec, Encoder, Media, Stage
from netencoders_audio.audio import Audio
from netencoders_audio.encoders.feeds import AudioFeed, check_stream
from netencoders_audio.probe_signals import probe_audio, probe_lengths
from netencoders_audio.recordings.opening import Recording, open_recording

if TYPE_CHECKING:
    from netencoders_audio.encoders.augmentation import Augmenter

__all__ = ["AudioEncoder"]


class AudioEncoder(Encoder):
    """An encoder of audio with the parameter SampleRate.

    Its probes have the encoder's own sample rate, so that resampling is no part of them (A58). It
    is random if it declares the parameter Augmentation, as `WAVEFORM` does.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "is_random" not in vars(cls):
            names = {getattr(parameter, "name", None) for parameter in cls.parameters}
            cls.is_random = "Augmentation" in names
        super().__init_subclass__(**kwargs)

    @cached_property
    def _augmenter(self) -> Augmenter | None:
        """The augmentation, or None if nothing is drawn: there is no seed, or no Augmentation."""
        kinds = self.resolved.get("Augmentation")
        if kinds is None:
            return None
        from netencoders_audio.encoders.augmentation import Augmenter  # late: most draw nothing

        return Augmenter(kinds, self.resolved["SampleRate"])

    def prepare_augmentation(self) -> None:
        """Read the recordings of the augmentation, if something is drawn."""
        self._augmenter  # noqa: B018 - computed at its first use

    def opened(self, value: Any) -> Recording:
        """Open an input for reading in a ``with`` block, with the augmentation that is drawn.

        Parameters
        ----------
        value : object
            An input.

        Returns
        -------
        Recording

        Raises
        ------
        AudioError
            The input cannot be opened.
        EncodeError
            With code ``no-input-id``: random numbers are drawn, and the input has no id, and can be
            read only once.
        """
        augmenter = self._augmenter
        if augmenter is None:
            return open_recording(value)
        augmentation = augmenter.of_input(self.draws(value))
        recording = open_recording(value)
        recording.augmentation = augmentation
        return recording

    def content_id(self, value: Any) -> str:
        """Return the hash of the bytes of a file, or of samples and their rate (A146)."""
        from netencoders_audio.recordings.identity import audio_id  # late, as above

        return audio_id(value)

    @classmethod
    def hint(cls, name: str, given: Mapping[str, Any]) -> str:
        """Return a sentence about a name of another library whose meaning differs."""
        from netencoders_audio.encoders.other_names import (
            name_hint,
        )  # late: only a mistake needs it

        return name_hint(name, given, cls.parameters)

    def feeder(self, rate: float, channels: int = 1) -> Callable[[Any], Audio]:
        """Return a function that makes `Audio` of the next samples of a session.

        Parameters
        ----------
        rate : int
            Sample rate in Hz.
        channels : int

        Raises
        ------
        AudioError
            The encoder cannot encode audio of this form piece by piece.
        """
        feed = AudioFeed(rate, channels)
        check_stream(self.stream, feed)
        return feed

    def stages(self, value: Any, seconds: float) -> Iterator[Stage]:
        """Yield the recording, the waveform, the partitions and so on, up to the array."""
        if not isinstance(self.output(), ArraySpec):
            yield from super().stages(value, seconds)
            return
        # Late: it imports the encoders, which import this module.
        from netencoders_audio.encoders.explained import audio_stages

        yield from audio_stages(self, value, seconds)

    def media(self, value: Any, seconds: float) -> Media:
        """Return the waveform as a WAV file."""
        from netencoders_audio.encoders.explained import audio_media  # late, as above

        return audio_media(self, value, seconds)

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signals of `probe_audio`: about 3 seconds, or 4 windows if they are longer."""
        least = 4 * self.resolved.get("WindowSize", 1)
        return probe_lengths(self.resolved["SampleRate"], least)

    def probe_input(self, signal: str, length: int) -> Audio:
        """Return a signal at the resolved SampleRate."""
        return probe_audio(signal, length, self.resolved["SampleRate"])

    def libraries(self) -> Mapping[str, str]:
        """Return the versions of scipy, of the resampler and of the decoder."""
        import scipy  # late: only an error shows the versions
        import soundfile
        import soxr

        return {
            "scipy": scipy.__version__,
            "soxr": soxr.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
        }
