"""Files that are written by hand, so that their samples are known without a decoder."""

import io
import struct
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from netencoders_audio import AudioWarning
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.inspection import inspect
from netencoders_audio.recordings.opening import open_recording

GUID = bytes.fromhex("000000001000800000aa00389b71")
W64_GUID = bytes.fromhex("f3acd3118cd100c04f8edb8a")
RIFF_GUID = bytes.fromhex("2e91cf11a5d628db04c10000")


def integers(values, width, order="<"):
    """Return integers as bytes of `width` bytes each."""
    flat = np.ascontiguousarray(values).reshape(-1).astype("<i8").view(np.uint8).reshape(-1, 8)
    flat = flat[:, :width]
    return (flat if order == "<" else flat[:, ::-1]).tobytes()


def chunk(kind, body, *, size=None, order="<", padded=True):
    """Return a chunk; `size` replaces the length in its header."""
    head = kind + struct.pack(order + "I", len(body) if size is None else size)
    return head + body + b"\0" * (len(body) % 2 * padded)


def form(tag=1, channels=1, rate=16000, bits=16, *, align=None, order="<", extra=b"", speed=None):
    """Return a format chunk; `speed` is the number of bytes in a second."""
    align = channels * -(-bits // 8) if align is None else align
    speed = rate * align if speed is None else speed
    fields = struct.pack(order + "HHIIHH", tag, channels, rate, speed, align, bits)
    return chunk(b"fmt ", fields + extra, order=order)


def extensible(tag=1, channels=1, rate=16000, bits=16, valid=None, align=None, guid=GUID):
    """Return an extensible format chunk."""
    extra = struct.pack("<HHIH", 22, valid or bits, 0, tag) + guid
    return form(0xFFFE, channels, rate, bits, align=align, extra=extra)


def riff(*chunks, magic=b"RIFF", size=None, order="<"):
    """Return a WAV file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack(order + "I", len(body) if size is None else size) + body


def wav(values, *behind, size=None, width=2, **fields):
    """Return a WAV file of integers; `size` is the claimed size of its data chunk."""
    values = np.asarray(values)
    channels = 1 if values.ndim == 1 else values.shape[1]
    data = chunk(b"data", integers(values, width), size=size)
    return riff(form(1, channels, bits=8 * width, **fields), data, *behind)


def w64(*chunks, size=None):
    """Return a W64 file of chunks, each a kind, a body and perhaps a size."""
    body = b""
    for kind, data, *claimed in chunks:
        length = claimed[0] if claimed else len(data) + 24
        body += kind + W64_GUID + struct.pack("<Q", length) + data + bytes(-len(data) % 8)
    total = 40 + len(body) if size is None else size
    return b"riff" + RIFF_GUID + struct.pack("<Q", total) + b"wave" + W64_GUID + body


def aiff(frames, data, *behind, coding=None, bits=16, channels=1, offset=0, size=None, rate=16000):
    """Return an AIFF file, or an AIFF-C file with a coding; `size` is that of the sound chunk."""
    exponent = int(np.floor(np.log2(rate)))
    common = struct.pack(">hIhH", channels, frames, bits, exponent + 16383)
    common += struct.pack(">Q", int(rate * 2 ** (63 - exponent)))
    common += b"" if coding is None else coding + b"\0\0"
    sound = struct.pack(">II", offset, 0) + bytes(offset) + data
    body = chunk(b"COMM", common, order=">")
    body += chunk(b"SSND", sound, size=size, order=">") + b"".join(behind)
    kind = b"AIFF" if coding is None else b"AIFC"
    return b"FORM" + struct.pack(">I", len(body) + 4) + kind + body


def au(data, *, coding=3, size=None, channels=1, rate=16000, order=">", offset=24):
    """Return an AU file."""
    length = len(data) if size is None else size
    magic = b".snd" if order == ">" else b"dns."
    head = magic + struct.pack(order + "5I", offset, length, coding, rate, channels)
    return head.ljust(offset, b"x") + data


def caf(data, *behind, coding=b"lpcm", flags=2, width=2, channels=1, bits=None, size=None, **more):
    """Return a CAF file."""
    packet, rate = more.get("packet", width * channels), more.get("rate", 16000.0)
    bits = 8 * width if bits is None else bits
    frames = more.get("packet_frames", 1)
    description = struct.pack(">d4sIIIII", rate, coding, flags, packet, frames, channels, bits)
    length = len(data) + 4 if size is None else size
    return (
        b"caff\0\1\0\0desc" + struct.pack(">q", 32) + description
        + b"data" + struct.pack(">qI", length, 0) + data + b"".join(behind)
    )  # fmt: skip


def sphere(data, *, size=1024, **changes):
    """Return a NIST SPHERE file; a change to None leaves out a field."""
    values = {
        "sample_count": len(data) // 2, "channel_count": 1, "sample_rate": 16000,
        "sample_n_bytes": 2, "sample_coding": "pcm", "sample_byte_format": "01",
    } | changes  # fmt: skip
    lines = ["NIST_1A", f"{size:7}"]
    for name, value in values.items():
        if isinstance(value, str):
            lines.append(f"{name} -s{len(value)} {value}")
        elif value is not None:
            lines.append(f"{name} -{'i' if isinstance(value, int) else 'r'} {value}")
    return "\n".join([*lines, "end_head", ""]).encode().ljust(size) + data


def read(content, size=1000):
    """Return the samples of a file with full scale 1, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with open_recording(content) as recording:
            blocks = [block.copy() for block in recording.blocks(size)]
            empty = np.empty((0, recording.channels), np.float32)
            samples = np.concatenate([empty, *blocks]) if not blocks else np.concatenate(blocks)
            assert recording.length == len(samples)
    assert all(issubclass(warning.category, AudioWarning) for warning in caught)
    scale = 32768 if samples.dtype == np.int16 else 1
    return samples.astype(np.float64) / scale, [str(warning.message) for warning in caught]


def findings(content):
    """Return the findings of bytes."""
    return inspect(InMemory(content))


@pytest.fixture(scope="session")
def hand():
    """Return the functions that write and read files."""
    return SimpleNamespace(
        integers=integers, chunk=chunk, form=form, extensible=extensible, riff=riff, wav=wav,
        w64=w64, aiff=aiff, au=au, caf=caf, sphere=sphere, read=read, findings=findings, io=io,
    )  # fmt: skip


@pytest.fixture(scope="session")
def tone():
    """Return 3000 values of 16 bits, which never repeat and have no silence."""
    place = np.arange(3000)
    values = 12000 * np.sin(place * place / 9000) + 9000 * np.sin(place / 7)
    return np.where(values == 0, 1, values).astype(np.int64)
