"""The stages of an audio encoder for the page of `NetEncoder.explain`, and its player.

Each stage is the array of the encoder that ends there, with the same parameters. So the stages are
the numbers that the encoder computes.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, Encoder, Media, Parameter, Stage, Varying, first_rows
from netencoders_audio.encoders.audio_encoder import AudioEncoder
from netencoders_audio.encoders.mel_spectrogram import AudioMelSpectrogram
from netencoders_audio.encoders.parameters import (
    CONDITION,
    FOURIER,
    MEL,
    PARTITIONS,
    POWER,
    WAVEFORM,
)
from netencoders_audio.encoders.partitioned import PartitionedEncoder
from netencoders_audio.encoders.spectrogram import AudioSpectrogram
from netencoders_audio.encoders.waveform import AudioWaveform
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.stages.condition import condition
from netencoders_audio.stages.mono import mix_block

__all__ = ["audio_media", "audio_stages"]

Rows = npt.NDArray[np.float32]

BLOCK: Final = 1 << 16
CHANNELS: Final = 8  # more lines could not be told apart
LARGEST_MEDIA: Final = 30 * 48000  # samples; 4 MB in a page
LOWEST_RATE: Final = 3000  # Hz; browsers refuse less

# The encoders of the steps, with the parameters that belong to each, and have no earlier step.
STEPS: Final[tuple[tuple[type[AudioEncoder], tuple[Parameter, ...]], ...]] = (
    (AudioWaveform, WAVEFORM),
    (PartitionedEncoder, (*PARTITIONS, *CONDITION)),
    (AudioSpectrogram, (*FOURIER, *POWER)),
    (AudioMelSpectrogram, MEL),
)


def audio_stages(encoder: AudioEncoder, value: Any, seconds: float) -> Iterator[Stage]:
    """Yield the recording, and the steps from it to the array of an encoder.

    Parameters
    ----------
    encoder : AudioEncoder
        Steps are left out if their parameters are not all among those of the encoder.
    value : object
        A recording that can be read several times.
    seconds : float
        Later rows are left out.

    Raises
    ------
    AudioError
        The recording cannot be decoded.
    """
    yield _recording(value, seconds)
    for step, parameters in STEPS:
        if type(encoder) is step:
            break
        names = tuple(parameter.name for parameter in parameters)
        if step is PartitionedEncoder:
            if isinstance(encoder, PartitionedEncoder):
                yield _windowed(encoder, value, seconds, names)
        elif all(parameter.name in encoder.resolved for parameter in step.parameters):
            yield _stage(_step(step, encoder), value, seconds, names)
    yield _stage(encoder, value, seconds, ())


def audio_media(encoder: AudioEncoder, value: Any, seconds: float) -> Media:
    """Return the waveform of an encoder as a WAV file of 16 bits.

    Parameters
    ----------
    encoder : AudioEncoder
        Without the parameters of `WAVEFORM`, the file has the mean of the channels of the
        recording.
    value : object
        A recording.
    seconds : float
        The file is not longer.

    Raises
    ------
    AudioError
        The recording cannot be decoded.
    """
    if all(parameter.name in encoder.resolved for parameter in WAVEFORM):
        stage = _stage(_step(AudioWaveform, encoder), value, seconds, ())
    else:
        stage = _recording(value, seconds)
    rate = round(1 / stage.form.axes[0].step)
    samples = stage.array[:LARGEST_MEDIA].mean(axis=1)
    notes = []
    if len(samples) < len(stage.array):
        notes.append(f"The player has the first {len(samples) / rate:g} s.")
    peak = float(np.abs(samples).max(initial=0))
    if peak > 1:
        samples = samples / peak
        notes.append(f"It plays the samples divided by {peak:.3g}, so that none is above 1.")
    repeats = -(-LOWEST_RATE // rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate * repeats)
        out.writeframes(np.repeat(samples * 32767, repeats).round().astype("<i2").tobytes())
    return Media("audio/wav", file.getvalue(), " ".join(notes))


def _recording(value: Any, seconds: float) -> Stage:
    """Return the samples of a recording at its own rate, one column for each channel."""
    with open_recording(value) as recording:
        rate, count = recording.rate, min(recording.channels, CHANNELS)
        text = f"The samples of the file: {rate} Hz, {recording.channels} channel"
        text += "s" * (recording.channels > 1)
        text += f", of which the first {count} are drawn" * (count < recording.channels)
        axes = (Axis("time", "s", 1 / rate), Axis("channel"))
        form = ArraySpec((Varying, count), "float32", axes, "amplitude", minimum=0)
        array, is_cut = first_rows(
            (_scaled(block[:, :count]) for block in recording.blocks(BLOCK)), form, seconds
        )
    return Stage("Recording", f"{text}.", array, form, is_cut=is_cut, lines=True)


def _scaled(block: npt.NDArray[Any]) -> Rows:
    """Return the samples of a block as float32, as `mono` scales them."""
    columns = [mix_block(block[:, place : place + 1], None) for place in range(block.shape[1])]
    return np.stack(columns, axis=1)


def _windowed(
    encoder: PartitionedEncoder, value: Any, seconds: float, names: tuple[str, ...]
) -> Stage:
    """Return the partitions, conditioned and multiplied by the window."""
    row = (encoder.resolved["WindowSize"],)
    rules = encoder.resolved["RemoveMean"], encoder.resolved["PreEmphasis"]

    def write(partitions: Rows, out: Rows) -> None:
        condition(partitions[:, encoder.place], *rules, out)
        np.multiply(out, encoder.window, out=out, casting="same_kind")

    axes = (encoder.time_axis(), Axis("sample"))
    form = ArraySpec((Varying, *row), "float32", axes, "amplitude")
    with encoder.opened(value) as recording:
        array, is_cut = first_rows(encoder.row_blocks(recording, row, write), form, seconds)
    text = "The samples of each partition (frame), multiplied by the window."
    return Stage("Partitions and window", text, array, form, names, is_cut)


def _step(step: type[AudioEncoder], encoder: AudioEncoder) -> AudioEncoder:
    """Return the encoder of a step, which draws the random numbers of the whole encoder."""
    made = step(encoder.resolved)
    made._unseeded_digest = encoder._unseeded_digest
    return made


def _stage(encoder: Encoder, value: Any, seconds: float, names: tuple[str, ...]) -> Stage:
    """Return the array of an encoder."""
    form = encoder.output()
    assert isinstance(form, ArraySpec)  # noqa: S101 - for mypy: an audio encoder gives one array
    array, is_cut = first_rows(encoder.stream(value), form, seconds)
    return Stage(encoder.name, encoder.summary(), array, form, names, is_cut)
