"""The zero-crossing rate of recordings: a plugin of netencoders."""

from importlib.resources import files

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from netencoders import (
    ArraySpec,
    Automatic,
    Axis,
    Encoder,
    Integer,
    Parameter,
    Samples,
    Varying,
    hookimpl,
)
from netencoders_audio import mono_samples, prepare_audio, probe_audio, probe_lengths
from netencoders_zerocrossing.change import Change


class ZeroCrossingRate(Encoder):
    """Zero-crossing rate: the share of neighbouring samples whose sign differs, per partition.

    Output: float32, shape (n, 1). A partition starts at every multiple of Offset. There are no
    crossings after the end of the recording. Zero counts as positive.
    """

    name = "ZeroCrossingRate"
    parameters = (
        Parameter(
            "SampleRate",
            Integer(min=1, max=10_000_000),
            default=16000,
            unit="Hz",
            doc="the rate that audio is resampled to",
        ),
        Parameter(
            "WindowSize",
            Samples(min=2, max=10_000_000),
            default=Automatic,
            automatic=lambda SampleRate: max(2, -(-SampleRate // 40)),
            unit="samples",
            doc="the length of a partition; Automatic is 25 ms",
        ),
        Parameter(
            "Offset",
            Samples(min=1),
            default=Automatic,
            automatic=lambda WindowSize: -(-WindowSize // 3),
            unit="samples",
            doc="from the start of a partition to the next; Automatic is a third of WindowSize",
        ),
    )

    def output(self):
        """Return the form (n, 1), with the time at the centre of each partition."""
        rate, size = self.resolved["SampleRate"], self.resolved["WindowSize"]
        time = Axis("time", "s", step=self.resolved["Offset"] / rate, start=size / 2 / rate)
        return ArraySpec((Varying, 1), "float32", (time, Axis("feature")), "zero-crossing rate")

    def prepare(self):
        """Import the decoder, before `map` starts threads."""
        prepare_audio()

    def encode(self, value):
        """Return the rates of one recording, one row for each partition."""
        samples = mono_samples(value, self.resolved["SampleRate"])
        neighbours = self.resolved["WindowSize"] - 1
        crossings = np.pad(np.diff(samples < 0), (0, neighbours))
        partitions = sliding_window_view(crossings, neighbours)[:: self.resolved["Offset"]]
        return partitions.mean(axis=1, keepdims=True, dtype=np.float32)

    def probe_signals(self):
        """Return the names and default lengths of the signals that probes may use."""
        return probe_lengths(self.resolved["SampleRate"])

    def probe_input(self, signal, length):
        """Return a signal for a probe, at the rate of the encoder."""
        return probe_audio(signal, length, self.resolved["SampleRate"])


@hookimpl
def register_encoders(register):
    """Register the encoder."""
    register(ZeroCrossingRate)


@hookimpl
def register_layers(register):
    """Register the layer."""
    register(Change)


@hookimpl
def register_specs(register):
    """Register the YAML file beside this module."""
    register(files(__name__) / "telephone.yaml")
