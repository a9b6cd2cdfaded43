"""The containers of coded tracks: each error and warning of their headers and tables."""

import struct
import zlib

import numpy as np
import pytest

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError, AudioWarning, mono_samples
from netencoders_audio.files import boxes as boxes_module
from netencoders_audio.files.ape import read_ape
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.ebml import element, vint
from netencoders_audio.files.inspection import inspect
from netencoders_audio.files.mp4_tables import Packets
from netencoders_audio.files.ogg_pages import checksum
from netencoders_audio.files.sample_entries import alac_config
from netencoders_audio.files.surround_frames import ac3_frame, dts_frame
from netencoders_audio.files.tracks import MAX_PACKET, Track, Window, packets_of
from netencoders_audio.files.wavpack import with_headers


def put(content, place, new):
    """Return bytes with other bytes at a place."""
    return content[:place] + new + content[place + len(new) :]


def box(kind, *parts):
    """Return a box of an MPEG-4 file."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def after(content, name, offset, new):
    """Return bytes with other bytes at an offset behind the first place of a name."""
    return put(content, content.index(name) + len(name) + offset, new)


def renamed(content, name):
    """Return an MPEG-4 file in which the last box of a kind has the kind of free space."""
    return put(content, content.rindex(name), b"free")


def in_another_file(content):
    """Return an MPEG-4 file whose table says that the packets are in the file neighbour.mp4."""
    place = content.index(b"url ") - 4
    name = b"neighbour.mp4\0"
    content = content[:place] + box(b"url ", bytes(4), name) + content[place + 12 :]
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = content.index(kind) - 4
        size = int.from_bytes(content[at : at + 4]) + len(name)
        content = put(content, at, size.to_bytes(4))
    return content


MP4 = {
    "no moov": (lambda c: renamed(c, b"moov"), "malformed", "it has no box 'moov'"),
    "no stsd": (lambda c: renamed(c, b"stsd"), "malformed", "has no sample entry"),
    "no stsz": (lambda c: renamed(c, b"stsz"), "malformed", "no table of the sizes"),
    "no stco": (lambda c: renamed(c, b"stco"), "malformed", "no table of the places"),
    "no stts": (lambda c: renamed(c, b"stts"), "malformed", "no table 'stts'"),
    "no sound": (
        lambda c: after(c, b"soun", -4, b"vide"),
        "unsupported-coding",
        "an MPEG-4 file without a track of sound",
    ),
    "units": (lambda c: after(c, b"mdhd", 12, bytes(4)), "malformed", "0 units in a second"),
    "many packets": (
        lambda c: after(c, b"stsz", 8, b"\xff" * 4),
        "malformed",
        r"the table 'stsz' claims \d+ bytes, and its box has \d+",
    ),
    "fixed size": (
        lambda c: after(c, b"stsz", 4, struct.pack(">II", 9, 1 << 30)),
        "malformed",
        "it claims 1073741824 packets of 9 bytes, more than the file has",
    ),
    "chunks": (
        lambda c: after(c, b"stsc", 8, b"\0\0\0\2"),
        "malformed",
        "its table of chunks is out of order",
    ),
    "few places": (
        lambda c: after(c, b"stsc", 12, b"\0\0\0\1"),
        "malformed",
        r"its tables have \d+ packets, and places for \d+ of them",
    ),
    "places behind the end": (
        lambda c: after(c, b"stco", 8, b"\x7f\0\0\0"),
        "truncated",
        r"has 0 of the \d+ packets that its tables state",
    ),
    "size of a box": (
        lambda c: after(c, b"trak", -8, b"\0\0\0\4"),
        "malformed",
        r"the box b'trak' at byte \d+ has a size of 4 bytes",
    ),
    "encrypted": (
        lambda c: renamed(c.replace(b"mp4a", b"enca", 1), b"esds"),
        "unsupported-coding",
        "its coding is ENCRYPTED in MP4, which cannot be decoded",
    ),
    "other file": (
        lambda c: in_another_file(c),
        "unsupported-coding",
        "its coding is that of a track in another file, which cannot be decoded",
    ),
    "unknown coding": (
        lambda c: renamed(c.replace(b"mp4a", b"zzzz", 1), b"esds"),
        "unsupported-coding",
        "its coding is the coding b'zzzz' in MP4",
    ),
}


@pytest.mark.parametrize("row", MP4)
def test_damaged_tables_of_mp4_are_refused(row, coded):
    """Tables and headers of MPEG-4 files that are missing or impossible are named."""
    change, code, message = MP4[row]
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(change(coded("ipod", "aac")), 44100)
    assert code == caught.value.code


def test_impossible_sample_entries_are_refused(coded):
    """A table of sample entries that is empty, incomplete, or of two codings is named."""
    content = coded("ipod", "aac")
    place = content.index(b"stsd") - 4
    size = int.from_bytes(content[place : place + 4])
    entry = content[place + 16 : place + size]
    for entries, message in (
        (b"", "a track of sound has no sample entry"),
        (box(b"mp4a", bytes(9)), "a sample entry is incomplete"),
        (entry + box(b"alac", bytes(28)), "the coding of a track changes: b'alac' and b'mp4a'"),
    ):
        body = box(b"stsd", bytes(4), bytes(4), entries)
        spare = size - len(body)
        # A table that is longer takes the place of the box after it.
        if spare >= 8:
            body += box(b"free", bytes(spare - 8))
            changed = put(content, place, body)
        else:
            changed = content[:place] + body + content[place + size :]
        with pytest.raises(AudioError, match=message):
            mono_samples(changed, 44100)


def test_edit_is_honoured(coded):
    """An edit list that plays a part of the track gives this part."""
    content = coded("ipod", "aac")
    whole = mono_samples(content, 44100)
    place = content.index(b"elst") + 12
    length = int.from_bytes(content[place : place + 4])
    edited = put(content, place, struct.pack(">I", length // 3))
    expected = length // 3 * 44100 // 1000
    assert np.array_equal(whole[:expected], mono_samples(edited, 44100))
    later = put(edited, place + 4, struct.pack(">I", 1024 + 22050))
    assert np.array_equal(whole[22050 : 22050 + expected], mono_samples(later, 44100))


def test_boxes_have_a_largest_number(monkeypatch, coded):
    """A file of endless small boxes is refused."""
    monkeypatch.setattr(boxes_module, "_MAX_BOXES", 3)
    with pytest.raises(AudioError, match="it has more than 3 boxes"):
        mono_samples(box(b"ftyp", b"M4A ") + box(b"free") * 9, 44100)


def test_places_are_joined_to_longer_packets():
    """Frames of uncompressed samples that follow each other are one packet, with the same bytes."""
    places = np.array([0, 4, 8, 100, 104, 50])
    merged = Packets(places, np.full(6, 4), 9).merged()
    assert [(0, 12), (100, 8), (50, 4)] == list(zip(merged.places, merged.sizes, strict=True))
    assert 0 == len(Packets(places[:0], places[:0], 0).merged().places)


FRAGMENTS = {"file_options": {"movflags": "frag_keyframe+empty_moov"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: renamed(c, b"tfhd"), "the fragment at byte .* has no header"),
        (lambda c: after(c, b"trun", 0, bytes(8)), None),
        (lambda c: after(c, b"trun", 4, b"\xff" * 4), r"the table 'trun' claims \d+ bytes"),
        (
            lambda c: after(c, b"trun", 1, b"\0\0\1\xff\xff\xff\xff"),
            "a run claims 4294967295 packets, more than the file has",
        ),
    ],
)
def test_damaged_fragments_are_refused(change, message, coded):
    """Fragments without a header, or with impossible runs, are named."""
    content = coded("mp4", "aac", **FRAGMENTS)
    if message is None:
        with pytest.raises(AudioError):
            mono_samples(change(content), 44100)
        return
    with pytest.raises(AudioError, match=message):
        mono_samples(change(content), 44100)


# Matroska


def made(kind, body, size=None):
    """Return an element of Matroska."""
    count = (kind.bit_length() + 7) // 8
    length = len(body) if size is None else size
    return kind.to_bytes(count) + (1 << 56 | length).to_bytes(8) + body


def matroska(*clusters, codec=b"A_PCM/INT/LIT", bits=16, duration=None, more=b"", head=b""):
    """Return a Matroska file with one track of sound at 8000 Hz."""
    audio = made(0xB5, struct.pack(">d", 8000)) + made(0x9F, b"\1") + made(0x6264, bytes([bits]))
    entry = made(0xD7, b"\1") + made(0x83, b"\2") + made(0x86, codec) + made(0xE1, audio) + more
    info = b"" if duration is None else made(0x4489, struct.pack(">d", duration))
    body = made(0x1549A966, info) + made(0x1654AE6B, made(0xAE, entry)) + b"".join(clusters)
    return made(0x1A45DFA3, made(0x4282, b"webm")) + head + made(0x18538067, body)


def block(data, flags=0, time=0, kind=0xA3):
    """Return a block of the track 1."""
    return made(kind, b"\x81" + struct.pack(">hB", time, flags) + data)


def cluster(*blocks, time=0):
    """Return a cluster."""
    return made(0x1F43B675, made(0xE7, bytes([time])) + b"".join(blocks))


RAMP = (np.arange(-300, 300) * 16).astype("<i2")


def test_blocks_of_every_lacing_are_read():
    """Blocks with one packet, and with several packets of each form, have the same samples."""
    data = RAMP.tobytes()
    sizes = (100, 260, 840)
    xiph = bytes([2, 100, 255, 5]) + data
    steps = bytes([2, 0x80 | 100]) + (160 + 8191 | 1 << 14).to_bytes(2) + data
    equal = bytes([2]) + data
    for lacing in (block(data), block(xiph, 2), block(steps, 6), block(equal, 4)):
        assert np.array_equal(RAMP / 32768, mono_samples(matroska(cluster(lacing)), 8000))
    assert sum(sizes) == len(data)


def tracks_of(content):
    """Return the tracks of the bytes of a file."""
    return inspect(InMemory(content)).tracks


def test_padding_may_be_in_front_of_its_block():
    """The padding of the last block counts in each order of elements, and for its track only."""
    padding, last = made(0x75A2, (10**6).to_bytes(4)), block(bytes(80), time=9, kind=0xA1)
    for group in (made(0xA0, padding + last), made(0xA0, last + padding)):
        [track] = tracks_of(matroska(cluster(block(bytes(80)), group)))
        assert 8 == track.frames(track.drop, 8000)
    other = made(0xA0, block(bytes(80), kind=0xA1).replace(b"\x81", b"\x82", 1) + padding)
    early = made(0xA0, padding + last)
    for blocks in ((other, block(bytes(80), time=9)), (early, block(bytes(80), time=10))):
        [track] = tracks_of(matroska(cluster(*blocks)))
        assert 0 == track.drop


def test_headers_of_alac_may_be_in_boxes():
    """The header of ALAC is found in the boxes of QuickTime, as mkvmerge and CAF have it."""
    header = bytes(range(1, 25))
    whole = (36).to_bytes(4) + b"alac" + bytes(4) + header
    chan = box(b"chan", bytes(16))
    for form in (
        header,
        header + chan,
        b"frmaalac" + whole + chan,
        box(b"frma", b"alac") + whole,
    ):
        assert whole == alac_config(form)


def test_packets_of_equal_beginnings_are_read():
    """Packets without their first bytes, which the header states, are completed."""
    data = RAMP.tobytes()
    packing = made(0x6240, made(0x5034, made(0x4254, b"\3") + made(0x4255, data[:10])))
    content = matroska(cluster(block(data[10:])), more=made(0x6D80, packing))
    assert np.array_equal(RAMP / 32768, mono_samples(content, 8000))
    packed = made(0x6240, made(0x5034, made(0x4254, b"\0")))
    with pytest.raises(AudioError, match="its coding is PCM_16 in packed or encrypted packets in"):
        mono_samples(matroska(cluster(block(data)), more=made(0x6D80, packed)), 8000)


SOUND = cluster(block(RAMP.tobytes()))
WEBM = {
    "other bytes": (matroska(SOUND + b"\0" * 20), "malformed", "no element begins at byte"),
    "unknown element": (
        matroska(SOUND, made(0x7777, b"")),
        "malformed",
        "an unknown element, 0x7777, begins at byte",
    ),
    "unknown size": (
        matroska(b"\xa3\xff" + bytes(30)),
        "malformed",
        r"the element at byte \d+ has no size",
    ),
    "incomplete block": (matroska(cluster(made(0xA3, b"\x81\0"))), "malformed", "is incomplete"),
    "lacing": (
        matroska(cluster(block(bytes([3, 255, 255]), 2))),
        "malformed",
        "the block at byte .* is incomplete",
    ),
    "lacing without a number": (matroska(cluster(block(b"", 2))), "malformed", "is incomplete"),
    "sizes": (
        matroska(cluster(block(bytes([1, 200]) + b"a", 2))),
        "malformed",
        "the sizes in the block at byte .* contradict each other",
    ),
    "no sound": (
        matroska(SOUND).replace(made(0x83, b"\2"), made(0x83, b"\1")),
        "unsupported-coding",
        "a Matroska file without a track of sound",
    ),
    "coding": (
        matroska(SOUND, codec=b"A_REAL/COOK"),
        "unsupported-coding",
        "its coding is the coding 'A_REAL/COOK' in MATROSKA",
    ),
    "duration": (
        matroska(SOUND, duration=9000.0),
        "truncated",
        r"ends at 0.000 s of the 9.000 s that its header states",
    ),
    "size of the file": (
        matroska(SOUND)[:-1300],
        "truncated",
        r"ends at byte \d+, inside an element of \d+ bytes",
    ),
    "between two blocks": (
        matroska(SOUND, SOUND)[: -len(SOUND)],
        "truncated",
        r"has \d+ of the \d+ bytes that its header claims",
    ),
}


@pytest.mark.parametrize("row", WEBM)
def test_damaged_elements_of_matroska_are_refused(row):
    """Elements of Matroska files that are damaged, missing or unknown are named."""
    content, code, message = WEBM[row]
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, 8000)
    assert code == caught.value.code


def test_live_webm_may_end_between_two_blocks():
    """Without a duration and sizes, as in a live recording, an end between two blocks is fine."""
    data = RAMP.tobytes()
    content = matroska(cluster(block(data), block(data, time=75)))
    live = content[: -len(block(data))]
    segment = content.index(b"\x18\x53\x80\x67") + 4
    live = put(live, segment, b"\1" + b"\xff" * 7)
    clusters = live.index(b"\x1f\x43\xb6\x75") + 4
    live = put(live, clusters, b"\1" + b"\xff" * 7)
    assert np.array_equal(RAMP / 32768, mono_samples(live, 8000))
    with pytest.raises(AudioError, match="inside an element of"):
        mono_samples(live[:-1], 8000)


def test_numbers_of_elements_are_checked():
    """A number of variable length has at most 8 bytes; other bytes begin no element."""
    assert (5, 1) == vint(b"\x85", 0)
    assert (None, 1) == vint(b"\xff", 0)
    with pytest.raises(AudioError, match="a number of its elements is incomplete"):
        vint(b"\x01\0", 0)
    assert element(b"\0\0\0\0\0", 0) is None
    with pytest.raises(AudioError, match="an element of its header is incomplete"):
        mono_samples(matroska(SOUND, more=b"\xae\x99"), 8000)


# frames


def test_frames_are_walked(coded):
    """Bytes between frames, another form, and zeros behind the frames are told."""
    content = coded("adts", "aac")
    other = coded("adts", "aac", rate=16000, channels=1)
    assert len(mono_samples(content + bytes(100), 44100))
    with pytest.raises(AudioError, match=r"no frame begins at byte \d+, and \d+ bytes"):
        mono_samples(content + b"garbage" + content, 44100)
    with pytest.raises(AudioError, match=r"has AAC at 16000 Hz instead of AAC at 44100 Hz"):
        mono_samples(content + other, 44100)
    with pytest.raises(AudioError, match="no frame begins behind its header"):
        mono_samples(b"#!AMR\n", 44100)
    with pytest.raises(AudioError, match=r"ends at byte 20, inside a frame of \d+ bytes"):
        mono_samples(content[:20], 44100)
    second = content.index(content[:2], 7)
    with pytest.raises(AudioError, match=r"inside the header of a frame") as caught:
        mono_samples(content[: second + 5], 44100)
    assert "truncated" == caught.value.code
    with pytest.warns(AudioWarning, match=r"has 5000 bytes behind its last frame that are zero"):
        mono_samples(content + bytes(5000), 44100)


def test_frames_that_change_while_they_are_read_are_told(coded):
    """A file that changes between the walk and the decoding is an error."""
    content = bytearray(coded("adts", "aac"))
    [track] = inspect(InMemory(content)).tracks
    content[:7] = bytes(7)
    with pytest.raises(AudioError, match="the frame at byte 0 has changed since the file was open"):
        list(track.packets())


def test_other_forms_of_speech_and_surround_are_named():
    """AMR of several channels, and DTS in words of 14 bits, are named."""
    for content, message in (
        (b"#!AMR_MC1.0\n" + bytes(90), "AMR of several channels"),
        (b"#!AMRx" + bytes(90), "its first line must be #!AMR or #!AMR-WB"),
        (b"\x1f\xff\xe8\0\7" + bytes(90), "DTS in words of 14 bits"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(content, 8000)
    assert ac3_frame(b"\x0b\x77\0\0\xff\x40\0\0") is None
    assert ac3_frame(b"\x0b\x77\0\0\0\xff\0\0") is None
    assert ac3_frame(b"\x0b\x77\0\x20\xf0\x80\0\0") is None
    assert 24000 == ac3_frame(b"\x0b\x77\0\x20\xc0\x80\0\0").rate
    assert dts_frame(bytes(16)) is None
    assert dts_frame(bytes(3)) is None
    assert dts_frame(b"\x7f\xfe\x80\1" + bytes(12)) is None
    extension = b"\x64\x58\x20\x25\0"
    assert (8, True) == dts_frame(extension + b"\0\0\0\xe0" + bytes(9))[::4]
    assert (8, True) == dts_frame(extension + b"\x20\0\0\0\xe0" + bytes(9))[::4]


def test_swapped_bytes_are_decoded(coded):
    """AC-3 in the other order of bytes has the same samples."""
    content = coded("ac3", "ac3", rate=48000)
    swapped = np.frombuffer(content, np.uint16).byteswap().tobytes()
    assert np.array_equal(mono_samples(content, 48000), mono_samples(swapped, 48000))


def test_wide_amr_is_decoded():
    """AMR-WB of frames without data has 320 samples a frame at 16 kHz."""
    assert 640 == len(mono_samples(b"#!AMR-WB\n" + (b"\x04" + bytes(17)) * 2, 16000))


# lossless files


def test_damaged_wavpack_is_refused(coded):
    """Blocks of WavPack that are missing, unknown or impossible are named."""
    content = coded("wv", "wavpack", form="s16p")
    size = 8 + int.from_bytes(content[4:8], "little")
    flags = int.from_bytes(content[24:28], "little")
    for changed, message in (
        (content[:size] + b"garbage" * 9 + content[size:], "no block begins at byte"),
        (put(content, 8, b"\3\3"), "WavPack of version 0x303"),
        (put(content, 24, (flags | 1 << 31).to_bytes(4, "little")), "DSD in WavPack"),
        (put(content, 4, b"\1\0\0\0"), "claims 1 bytes and"),
        (content[:size] + content[2 * size :], "no block begins at|has the sample"),
        (put(content, 16, b"\1\0\0\0"), "has the sample 1, not 0"),
        (content[: size + 8], "inside a block"),
        (content[: size + 100], "inside a block"),
        (put(content, 12, b"\xff\xff\xff\0"), "has 66150 of the 16777215 frames"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(changed, 44100)
    assert np.array_equal(
        mono_samples(put(content, 12, b"\xff" * 4), 44100), mono_samples(content, 44100)
    )
    # A correction file has blocks with the part 0x0b, and none with the part 0x0a of samples.
    body = b"\7\1abcd"[:4] + b"\x8b\0\1" + b"\0" + bytes(512)
    other = put(content[:32], 4, (24 + len(body)).to_bytes(4, "little")) + body
    with pytest.raises(AudioError, match=r"that of a WavPack correction file \(wvc\)") as caught:
        mono_samples(other, 44100)
    assert "unsupported-coding" == caught.value.code
    with pytest.raises(AudioError, match="a block of WavPack claims 99 bytes"):
        with_headers(bytes(12) + (99).to_bytes(4, "little"), 0)


def test_damaged_tta_is_refused(coded):
    """The header and the table of TTA have checksums; encrypted files are named."""
    content = coded("tta", "tta", form="s16")

    def header(place, new):
        head = put(content, place, new)[:18]
        return head + zlib.crc32(head).to_bytes(4, "little") + content[22:]

    for changed, message in (
        (put(content, 10, b"\1"), "the checksum of its header is wrong"),
        (put(content, 24, b"\1"), "the checksum of its table is wrong"),
        (header(4, b"\2"), "TTA that is encrypted"),
        (header(4, b"\4"), "TTA of the form 4"),
        (header(10, bytes(4)), "the sample rate in its header must be above 0"),
        (header(10, b"\1\0\0\0\xff\xff\xff\xff"), "its header claims 4294967295 frames"),
        (content[:30], "ends at byte 30, inside its table"),
        (content[:-200], r"has \d+ of the 66150 frames that its header claims"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(changed, 44100)
    with pytest.warns(AudioWarning, match=r"has \d+ bytes behind its last frame that are"):
        mono_samples(content + b"garbage", 44100)


def ape(version=3990, table=None, places=(76,), data=bytes(24), **changes):
    """Return a Monkey's Audio file of frames of silence."""
    fields = {"block": 73728, "last": 100, "count": 1, "bits": 16, "channels": 1, "rate": 8000}
    fields |= changes
    table = 4 * len(places) if table is None else table
    about = struct.pack(
        "<4sHHIIIIIII16s", b"MAC ", version, 0, 52, 24, table, -4 & 0, len(data), 0, 0, bytes(16)
    )
    head = struct.pack("<HHIIIHHI", 1000, 0, *fields.values())
    places = [place + 4 for place in places]
    return about + head + struct.pack(f"<{len(places)}I", *places) + data


def test_damaged_ape_is_refused():
    """Old versions, and impossible headers and tables, of Monkey's Audio are named."""
    for content, message in (
        (ape(version=3950), "Monkey's Audio of version 3.95"),
        (ape(channels=0), "the number of channels in its header must be above 0"),
        (ape(rate=0), "the sample rate in its header"),
        (ape(block=0), "the number of samples of a frame in its header"),
        (ape(block=1_179_649), "must be above 0 and below 1.17965e\\+06. Got 1.17965e"),
        (ape(last=0), "the number of samples of the last frame"),
        (ape(count=0), "the number of frames in its header"),
        (ape(count=2), "its table of 4 bytes is too short for 2 frames"),
        (ape()[:78], "ends at byte 78, inside its table"),
        (ape(places=(77,)), "its first frame is at byte 81, not 80"),
        (ape(data=b""), "the frame at byte 80 ends at byte 80"),
        (ape()[:-1], "has 0 of the 100 frames that it claims"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(content, 8000)


def test_frames_of_ape_are_given_in_words():
    """The frames of Monkey's Audio begin at a word of four bytes, counted from the first frame."""
    content = ape(places=(80, 90), count=2, data=bytes(range(24)))
    [track] = read_ape(InMemory(content)).tracks
    assert 73828 == track.length
    first, second = track.packets()
    assert struct.pack("<II", 73728, 0) + bytes(range(12)) == first
    assert struct.pack("<II", 100, 2) + bytes(range(8, 24)) == second
    assert (3990, 1000, 0) == struct.unpack("<HHH", track.config)


def speex(rate=16000, count=1, pages=((1, 0),), size=80):
    """Return an Ogg file with Speex, whose pages have a number of packets and a time."""
    head = (b"Speex   1.2" + bytes(25) + struct.pack(
        "<9i", rate, 1, 4, 1, -1, 320, 0, count, 0))[:72].ljust(size, b"\0")  # fmt: skip
    rows = [(head, 2, 0), (b"note", 0, 0)] + [(bytes(20) * n, 0, t) for n, t in pages]
    content = b""
    for number, (body, flags, time) in enumerate(rows):
        flags |= 4 * (number == len(rows) - 1)
        sizes = [20] * (len(body) // 20) if number > 1 else [len(body)]
        page = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, time, 9, number, 0, len(sizes))
        page += bytes(sizes) + body
        content += put(page, 22, checksum(page).to_bytes(4, "little"))
    return content


def test_pages_of_speex_state_the_delay_and_the_length():
    """The first page states the delay of the coder, and the last page the length."""
    [track] = inspect(InMemory(speex(pages=((2, 500), (3, 1400))))).tracks
    assert (140, 1400, 5) == (track.skip, track.length, len(list(track.packets())))
    [track] = inspect(InMemory(speex(pages=((2, 9000),)))).tracks
    assert (0, None) == (track.skip, track.length)


def test_damaged_speex_is_refused():
    """A header of Speex that is short or impossible is named, and so are several parts."""
    for content, message in (
        (speex(size=40), "its header of Speex is incomplete"),
        (speex(rate=5999), "the numbers in its header of Speex are impossible"),
        (speex(rate=48001), "the numbers in its header of Speex are impossible"),
        (speex() + speex(), "Speex in 2 parts"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(content, 16000)


def test_damaged_tables_of_caf_are_refused(coded):
    """A CAF file of ALAC without its table, or with an impossible one, is named."""
    content = coded("caf", "alac", form="s16p")
    for changed, message in (
        (content.replace(b"pakt", b"free"), "it has no table of its packets"),
        (after(content, b"pakt", 8, b"\x7f"), r"its table of \d+ bytes claims \d+ packets"),
        (after(content, b"pakt", 8 + 7, b"\xff"), "packets that it claims|claims 255 packets"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(changed, 44100)
    with pytest.raises(AudioError, match="ends at byte 999, before the table of its packets") as c:
        mono_samples(content[:999], 44100)
    assert "truncated" == c.value.code


def test_wrong_forms_of_speech_in_wav_are_refused(hand):
    """G.722 of two channels, GSM of other blocks, and cut files are named."""
    data = bytes(400)
    for form, message in (
        (hand.form(0x65, channels=2, bits=4), "G722 has 1 channel. Got 2"),
        (hand.form(0x31, bits=0), "blocks of GSM 6.10 have 65 bytes. Got"),
    ):
        with pytest.raises(AudioError, match=message):
            hand.read(hand.riff(form, hand.chunk(b"data", data)))
    content = hand.riff(hand.form(0x65, bits=4), hand.chunk(b"data", data))
    with pytest.raises(AudioError, match="has 700 of the 800 frames that its header claims"):
        hand.read(content[:-50])


# packets


def test_packets_are_bounded():
    """A packet beyond the limit, or beyond the file, is an error."""
    content = InMemory(bytes(100))
    for span, message in (
        ((0, MAX_PACKET + 1), "the packet at byte 0 has 16777217 bytes, more than 16777216"),
        ((90, 20), "the packet at byte 90 ends before its 20 bytes"),
    ):
        with pytest.raises(AudioError, match=message):
            list(packets_of(content, [span]))
    window = Window(InMemory(bytes(range(100))), 8)
    assert bytes(range(50, 70)) == window.at(50, 20)
    assert bytes(range(3, 7)) == window.at(3, 4)


def test_units_become_frames():
    """Units of time are rounded to the nearest frame, half a frame upwards; scale 0 is a frame."""
    track = Track("MP4", "AAC", InMemory(b""), scale=1000)
    assert (44, 22) == (track.frames(1, 44100), track.frames(1, 21500))
    assert 7 == Track("TTA", "TTA", InMemory(b""), scale=0).frames(7, 44100)


def test_edit_list_of_several_parts_is_refused(coded):
    """A track that plays several parts is refused by their number."""
    content = coded("ipod", "aac")
    place = content.index(b"elst")
    # The box takes 12 bytes of the next box, whose kind is then unknown.
    size = int.from_bytes(content[place - 4 : place])
    edits = content[place + 12 : place + 24] * 2
    longer = struct.pack(">I4sII", size + 12, b"elst", 0, 2) + edits
    outer = put(content, place - 12, struct.pack(">I", size + 8 + 12))
    changed = outer[: place - 4] + longer + outer[place + 24 :]
    for kind in (b"trak", b"moov"):
        at = changed.index(kind) - 4
        changed = put(changed, at, struct.pack(">I", int.from_bytes(changed[at : at + 4]) + 12))
    with pytest.raises(AudioError, match="its coding is a track with an edit list of 2 parts"):
        mono_samples(changed, 44100)


WMA = {"options": {"b": "96000"}}


def test_damaged_asf_is_refused(coded):
    """Headers and packets of Windows Media files that are damaged or cut are named."""
    content = coded("asf", "wmav2", **WMA)
    size = int.from_bytes(content[16:24], "little")
    file = content.index(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    stream = content.index(bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365"))
    packet = int.from_bytes(content[file + 24 + 68 : file + 24 + 72], "little")
    first, one = size + 50, struct.pack("<Q", 1)
    own = int.from_bytes(content[stream + 24 + 40 : stream + 24 + 44], "little")
    spread = stream + 24 + 54 + own
    small = put(content, file + 24 + 68, struct.pack("<I", 64))
    objects = first + 14  # each object has a header of 17 bytes, and 557 bytes

    def whole(content, index, size):
        """Return the file in which an object claims another size."""
        return put(content, objects + index * (17 + 557) + 7, struct.pack("<I", size))

    for changed, message in (
        (put(content, 16, b"\xff" * 8), "its header claims 18446744073709551615 bytes"),
        (content[: size - 20], r"ends at byte \d+, inside its header"),
        (content[: size + 20], r"ends at byte \d+, inside its header"),
        (put(content, stream + 24, bytes(16)), "a Windows Media file without a stream of sound"),
        (put(content, file + 16, b"\1" + bytes(7)), "an object of its header has an impossible"),
        (put(content, file + 24 + 68, b"\1\0\0\0"), "its header claims packets of 1 bytes"),
        (put(content, size, bytes(16)), f"its data must begin at byte {size}"),
        (content[: first + packet], r"has 1 of the \d+ packets that its header claims"),
        (put(content, first, b"\xe2"), "packet 0 has a header of an unknown form"),
        (put(content, first, b"\x82" + bytes(2) + b"\x78"), "packet 0 claims more|is incomplete"),
        (
            content[:first] + content[first + packet :] + content[first : first + packet],
            "is missing",
        ),
        (put(content, stream + 24 + 48, b"\1\x80"), "that is encrypted"),
        (put(content, spread, struct.pack("<BHH", 2, 9, 0)), "the fields of its scrambling contra"),
        (
            put(small, first, b"\x82\0\0\1" + bytes(7) + b"\x7f" + bytes(90)),
            "packet 0 is incomplete",
        ),
        (
            whole(put(content[: first + packet], size + 40, one), 4, 600),
            "its last object is incomp",
        ),
        (whole(content, 0, 600), "an object before packet 0 is incomplete"),
        (whole(content, 0, 0), "an object in packet 0 has 0 bytes"),
        (whole(content, 0, 500), "an object in packet 0 has more than its 500 bytes"),
        (put(content, objects + 15, b"\xff\xff"), "packet 0 claims more bytes than it has"),
        (put(content, objects + 17 + 557 + 2, b"\5"), "a part of an object is missing before pac"),
        (put(content, objects + 17 + 557 + 1, b"\7"), "an object is missing before packet 0"),
        (put(content, stream + 24 + 54, b"\x77\x77"), "its coding is the WAV format 0x7777 in ASF"),
    ):
        with pytest.raises(AudioError, match=message):
            mono_samples(changed, 44100)


def test_asf_that_becomes_shorter_is_told(coded):
    """A Windows Media file that is cut after it was opened is an error."""
    content = InMemory(coded("asf", "wmav2", **WMA))
    [track] = inspect(content).tracks
    content.read_at = lambda offset, count: b"shorter"
    with pytest.raises(AudioError, match=r"packet 0 ends before its \d+ bytes"):
        list(track.packets())


def test_damaged_frames_of_other_depths_are_refused(encoder_of_tracks):
    """Frames of another number of bits than the header states are named."""
    samples = np.random.default_rng(0).integers(-(2**31), 2**31, (20_000, 1)).astype(np.int32)
    whole = encoder_of_tracks([(samples, 16000)], "flac", "flac", form="s32")
    # The file has 24 bits: its header is changed to 23, which its frames contradict.
    packed = int.from_bytes(whole[18:26])
    other = packed & ~(31 << 36) | 22 << 36
    with pytest.raises(AudioError, match=r"the frame at byte \d+ has .* 24 bits, but its header"):
        mono_samples(put(whole, 18, other.to_bytes(8)), 16000)


def test_remedy_of_a_file_without_its_table_is_possible(coded, tmp_path):
    """Without the table of its packets nothing can be encoded, so no remedy offers to do so."""
    content = coded("ipod", "aac")
    place = content.index(b"moov")
    path = tmp_path / "cut.m4a"
    path.write_bytes(content[: place + 50])
    for policy in ("error", "warn"):
        message = rf"ends at byte {place + 50}, \d+ bytes before the end of a box, before the table"
        with pytest.raises(AudioError, match=message + r" of its packets \(fetch it again\)$"):
            NetEncoder("Audio")(Audio.open(path, truncated=policy))
