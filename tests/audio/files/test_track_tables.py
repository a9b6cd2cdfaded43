"""Rare forms of the containers of coded tracks, and the errors of their tables."""

import struct

import numpy as np
import pytest

from netencoders_audio import AudioError, mono_samples
from netencoders_audio.files.asf import read_asf
from netencoders_audio.files.boxes import boxes
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.flac_packets import read_flac_frames
from netencoders_audio.files.inspection import inspect
from netencoders_audio.files.ogg_pages import checksum
from netencoders_audio.recordings import av_decoder


def put(content, place, new):
    """Return bytes with other bytes at a place."""
    return content[:place] + new + content[place + len(new) :]


# ASF

FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
WMA = {"options": {"b": "32000"}}


class Wma:
    """The parts of a Windows Media file of one stream of sound."""

    def __init__(self, content):
        self.content = content
        self.start = int.from_bytes(content[16:24], "little") + 50
        self.file = content.index(FILE) + 24
        self.stream = content.index(STREAM) + 24
        self.size = int.from_bytes(content[self.file + 68 : self.file + 72], "little")
        own = int.from_bytes(content[self.stream + 40 : self.stream + 44], "little")
        self.spread = self.stream + 54 + own
        [track] = read_asf(InMemory(content)).tracks
        self.objects = list(track.packets())

    def of_packets(self, packets):
        """Return the file with other packets of data."""
        head = put(self.content[: self.start], self.start - 10, struct.pack("<Q", len(packets)))
        return head + b"".join(packet.ljust(self.size, b"\0") for packet in packets)


def small(wma, objects, number, claimed=0):
    """Return a packet with one payload, which has several small objects."""
    body = b"".join(bytes([len(data)]) + data for data in objects)
    head = b"\x82\0\0\x01\x5d" + bytes(6) + b"\x81\1" + bytes([number]) + bytes(4) + b"\1\0"
    return head + struct.pack("<H", claimed or len(body)) + body


def test_small_objects_of_asf_are_read(coded):
    """A part of a packet may have several whole objects, whose numbers follow each other."""
    wma = Wma(coded("asf", "wmav2", 44100, 1, **WMA))
    groups = [wma.objects[place : place + 4] for place in range(0, len(wma.objects), 4)]
    packets = [small(wma, group, 4 * index) for index, group in enumerate(groups)]
    expected = mono_samples(wma.content, 44100)
    assert np.array_equal(expected, mono_samples(wma.of_packets(packets), 44100))
    with pytest.raises(AudioError, match="packet 0 claims more bytes than it has"):
        mono_samples(wma.of_packets([small(wma, wma.objects[:4], 0, 9999)]), 44100)


def test_scrambled_objects_of_asf_are_read(coded):
    """Objects whose chunks are spread have their order; another size of an object is not spread."""
    wma = Wma(coded("asf", "wmav2", 44100, 1, **WMA))
    span, columns = 5, 37
    assert {span * columns} == {len(data) for data in wma.objects}
    spread = []
    for data in wma.objects:
        rows = np.frombuffer(data, np.uint8).reshape(columns, span)
        spread.append(np.ascontiguousarray(rows.T).tobytes())
    packets = [small(wma, [data], index & 255) for index, data in enumerate(spread)]
    content = wma.of_packets(packets)
    content = put(content, wma.spread, struct.pack("<BHH", span, columns, 1))
    expected = mono_samples(wma.content, 44100)
    assert np.array_equal(expected, mono_samples(content, 44100))
    other = put(wma.content, wma.spread, struct.pack("<BHH", 4, columns, 1))
    assert np.array_equal(expected, mono_samples(other, 44100))


def test_live_asf_that_ends_inside_a_packet_is_truncated(coded):
    """A broadcast states no number of packets: its last one must be whole."""
    wma = Wma(coded("asf", "wmav2", 44100, 1, **WMA))
    live = put(wma.content, wma.file + 64, b"\1\0\0\0")
    live = put(live, wma.start - 50 + 16, bytes(8))  # the size of the data
    whole = wma.start + wma.size
    assert len(mono_samples(live[:whole], 44100))
    with pytest.raises(AudioError, match=r"ends at byte \d+, inside a packet") as caught:
        mono_samples(live[: whole + 9], 44100)
    assert "truncated" == caught.value.code


# CAF


def test_tables_of_caf_that_claim_more_are_told(coded):
    """A table with more packets than the data, and one with fewer than it claims, are named."""
    content = coded("caf", "alac", form="s16p")
    table = content.index(b"pakt") + 12
    count = int.from_bytes(content[table : table + 8])
    shorter = put(content, table + 24, b"\xff\x7f")
    with pytest.raises(AudioError, match=rf"of the {count} packets that its table states"):
        mono_samples(shorter, 44100)
    more = put(content, table, (count + 1).to_bytes(8))
    with pytest.raises(AudioError, match=rf"its table has {count} of the {count + 1} packets"):
        mono_samples(more, 44100)


# FLAC


def test_frame_of_flac_without_an_end_is_told(encoder_of_tracks):
    """A frame that no other one follows within some megabytes is damaged."""
    samples = np.random.default_rng(0).integers(-(2**31), 2**31, (9000, 1)).astype(np.int32)
    content = encoder_of_tracks([(samples, 16000)], "flac", "flac", form="s32")
    [track] = read_flac_frames(InMemory(content)).tracks
    expected = list(track.packets())
    assert expected[0] in content
    long = content[: content.index(expected[0]) + 100] + bytes(5 << 20)
    with pytest.raises(AudioError, match=r"the frame at byte \d+ has no end"):
        read_flac_frames(InMemory(long))


# Matroska


def test_largest_header_of_matroska(monkeypatch, coded):
    """A header of more bytes than any header has is not read."""
    monkeypatch.setattr("netencoders_audio.files.matroska._MAX_HEADER", 10)
    with pytest.raises(AudioError, match=r"an element of its header has \d+ bytes"):
        mono_samples(coded("matroska", "flac"), 44100)


# MPEG-4


def box(kind, *parts):
    """Return a box of an MPEG-4 file."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def resized(content, kind, new):
    """Return an MPEG-4 file in which a box in the tables of the sound has another content."""
    place = content.index(kind) - 4
    size = int.from_bytes(content[place : place + 4])
    grown = len(new) + 8 - size
    content = content[:place] + box(kind, new) + content[place + size :]
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        if (at := content.find(parent) - 4) >= 0 and at < place:
            old = int.from_bytes(content[at : at + 4])
            if at + old > place:
                content = put(content, at, (old + grown).to_bytes(4))
    return content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: resized(c, b"mdhd", bytes(9)), "the header of a track is incomplete"),
        (lambda c: resized(c, b"stsz", bytes(9)), "a table of sizes is incomplete"),
        (
            lambda c: resized(c, b"stsz", bytes(7) + b"\5" + bytes(4)).replace(b"stsz", b"stz2"),
            "its table of sizes has numbers of 5 bits",
        ),
        (
            lambda c: resized(c, b"stco", bytes(7) + b"\1\x7f" + bytes(7)).replace(
                b"stco", b"co64"
            ),
            "a table has a place beyond any file",
        ),
        (
            lambda c: resized(c, b"stsd", bytes(8) + box(b"mp4a", bytes(8) + b"\0\2" + bytes(40))),
            "a sample entry is incomplete",
        ),
    ],
)
def test_short_tables_of_mp4_are_told(change, message, coded):
    """Tables that are shorter than their header are named."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(change(coded("ipod", "aac")), 44100)
    assert "malformed" == caught.value.code


FRAGMENTS = {"file_options": {"movflags": "frag_keyframe+empty_moov"}}


@pytest.mark.parametrize(
    ("kind", "new", "message"),
    [
        (b"tfhd", b"\0\0\0\1" + bytes(4), "the header of the fragment at byte .* is incomplete"),
        (b"trun", bytes(4), "a run of packets is incomplete"),
        (b"tkhd", None, "a track has no header"),
    ],
)
def test_short_boxes_of_fragments_are_told(kind, new, message, coded):
    """Boxes of fragments that are too short, and a track without a number, are named."""
    content = coded("mp4", "aac", **FRAGMENTS)
    if new is None:
        changed = content.replace(kind, b"free", 1)
    else:
        place = content.index(kind) - 4
        size = int.from_bytes(content[place : place + 4])
        rest = size - len(new) - 8
        changed = put(content, place, box(kind, new) + box(b"free", bytes(rest - 8)))
    with pytest.raises(AudioError, match=message):
        mono_samples(changed, 44100)


def test_boxes_of_all_sizes_are_found():
    """A box may have a size of 8 bytes, or reach to the end; rests and zeros are no boxes."""
    wide = struct.pack(">I4sQ", 1, b"wide", 20) + b"abcd"
    content = InMemory(wide + box(b"some", b"x") + struct.pack(">I4s", 0, b"last") + b"rest")
    assert [(b"wide", 16, 20), (b"some", 28, 29), (b"last", 37, 41)] == [
        part[:3] for part in boxes(content, 0, content.size)
    ]
    assert [] == list(boxes(InMemory(bytes(20)), 0, 20))
    [part] = boxes(InMemory(b"\0\0\1"), 0, 3)
    assert (b"", 5) == (part.kind, part.missing)


def test_sample_entries_of_version_2_are_read(encoder_of_tracks):
    """QuickTime states high rates in a longer entry, and MPEG-4 the order of the bytes in a box."""
    source = np.random.default_rng(0).integers(-(2**15), 2**15, (900, 1)).astype(np.int16)
    for container, coding, rate in (
        ("mov", "pcm_s16le", 96000),
        ("mov", "pcm_s16be", 96000),
        ("mp4", "pcm_s16le", 8000),
        ("mp4", "pcm_s16be", 8000),
    ):
        content = encoder_of_tracks([(source, rate)], container, coding)
        [track] = inspect(InMemory(content)).tracks
        assert rate == track.rate
        assert np.array_equal(source[:, 0] / 32768, mono_samples(content, rate)), coding


def test_header_of_opus_that_is_short_is_told(coded):
    """A header of Opus of fewer than 11 bytes is named."""
    content = coded("mp4", "libopus", 48000, 1)
    place = content.index(b"dOps") - 4
    short = put(content, place, box(b"dOps", b"\0\1") + box(b"free", bytes(1)))
    with pytest.raises(AudioError, match="the header of Opus is incomplete"):
        mono_samples(short, 48000)


# Ogg


def test_packet_of_speex_in_two_pages_is_told():
    """A packet of Speex that goes on in another page is named."""
    head = b"Speex   1.2".ljust(36, b"\0") + struct.pack("<9i", 8000, 0, 4, 1, -1, 160, 0, 1, 0)
    content = b""
    for number, (body, sizes) in enumerate(
        ((head.ljust(80, b"\0"), [80]), (b"note", [4]), (bytes(255), [255]), (bytes(9), [9]))
    ):
        flags = 2 * (number == 0) + (number == 3) * 5
        page = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, 9, number, 0, len(sizes))
        page += bytes(sizes) + body
        content += put(page, 22, checksum(page).to_bytes(4, "little"))
    with pytest.raises(AudioError, match=r"a packet of Speex at byte \d+ goes on in another page"):
        mono_samples(content, 8000)


# decoders


def test_form_that_changes_is_told(coded):
    """Frames of another number of channels in one stream are named with both forms."""
    content = coded("adts", "aac", 44100, 2) + coded("adts", "aac", 44100, 1)
    with pytest.raises(
        AudioError,
        match="its form changes from 2 channels at 44100 Hz to 1 channels at 44100 Hz",
    ):
        mono_samples(content, 44100)


def test_packets_without_samples_are_told(coded, monkeypatch):
    """A decoder that gives nothing for a packet would lose it, and one refuses its header."""
    content = coded("ipod", "aac")
    real = av_decoder.AvTrack._decoded
    monkeypatch.setattr(
        av_decoder.AvTrack,
        "_decoded",
        lambda self, context, packet, index: (
            [] if index == 3 else real(self, context, packet, index)
        ),
    )
    with pytest.raises(AudioError, match="packet 3 of the coding AAC has no samples"):
        mono_samples(content, 44100)
    monkeypatch.undo()
    alac = coded("ipod", "alac", form="s16p")
    place = alac.rindex(b"alac") + 8
    with pytest.raises(AudioError, match="the decoder refuses its header: ") as caught:
        mono_samples(put(alac, place, b"\xff" * 24), 44100)
    assert "malformed" == caught.value.code
