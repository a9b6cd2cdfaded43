"""Recordings in codings that PyAV encodes."""

import io

import numpy as np
import pytest


def encoded(tracks, container, coding, options=None, form=None, file_options=None):
    """Return the bytes of a file with one or more tracks of int16 or int32 samples.

    Parameters
    ----------
    tracks : sequence of (ndarray, int)
        The samples, of shape (frames, channels), and the rate of each track.
    container, coding : str
        FFmpeg's names.
    """
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=file_options or {}) as output:
        streams = []
        for samples, rate in tracks:
            layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
            stream = output.add_stream(coding, rate=rate, layout=layout, options=options or {})
            if form:
                stream.format = form
            streams.append(stream)
        for stream, (samples, rate) in zip(streams, tracks, strict=True):
            kind = "s16" if samples.dtype == np.int16 else "s32"
            for place in range(0, len(samples), 4096):
                part = np.ascontiguousarray(samples[place : place + 4096]).reshape(1, -1)
                layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
                frame = av.AudioFrame.from_ndarray(part, kind, layout)
                frame.rate, frame.pts = rate, place
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="session")
def coded(frames):
    """Return a function that encodes speech; it makes each file once."""
    made = {}

    def make(container, coding, rate=44100, channels=2, tracks=1, **settings):
        key = (container, coding, rate, channels, tracks, str(settings))
        if key not in made:
            speech = frames(rate, channels)
            several = [(np.roll(speech, 1000 * index, axis=0), rate) for index in range(tracks)]
            made[key] = encoded(several, container, coding, **settings)
        return made[key]

    return make


@pytest.fixture(scope="session")
def encoder_of_tracks():
    """Return the function `encoded`."""
    return encoded
