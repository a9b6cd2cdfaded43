"""AudioEncoder: the base of all audio encoders; it makes the signals of probes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netencoders import ArraySpec, Encoder, Media, Stage
from netencoders_audio.audio import Audio
from netencoders_audio.encoders.feeds import AudioFeed, check_stream
from netencoders_audio.probe_signals import probe_audio, probe_lengths

__all__ = ["AudioEncoder"]


class AudioEncoder(Encoder):
    """An encoder of audio with the parameter SampleRate.

    Its probes have the encoder's own sample rate, so that resampling is no part of them (A58).
    """

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

        return audio_media(self.resolved, value, seconds)

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
