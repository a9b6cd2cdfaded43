"""Transport streams, AVI and Flash videos: each error and warning of their parts."""

import struct

import numpy as np
import pytest

from netencoders_audio import Audio, AudioError, AudioWarning, mono_samples
from netencoders_audio.files.content import InMemory
from netencoders_audio.files.framed_streams import FRAMED
from netencoders_audio.files.inspection import inspect
from netencoders_audio.files.mpegts_tables import programs, streams
from netencoders_audio.files.scattered import Scattered

WIDTH = 188
TABLE, SOUND = 0x1000, 0x100  # the streams of ffmpeg


def put(content, place, new):
    """Return bytes with other bytes at a place."""
    return content[:place] + new + content[place + len(new) :]


def flip(content, place, bits):
    """Return bytes with some bits of one byte changed."""
    return put(content, place, bytes([content[place] ^ bits]))


def set_byte(content, place, value):
    """Return bytes with another byte at a place."""
    return put(content, place, bytes([value]))


# MPEG-TS


def packets_of(content, number):
    """Return the positions of the packets of a stream."""
    return [
        place
        for place in range(0, len(content), WIDTH)
        if int.from_bytes(content[place + 1 : place + 3]) & 0x1FFF == number
    ]


def parts(content):
    """Return the positions of the packets of sound with which a part begins."""
    return [place for place in packets_of(content, SOUND) if content[place + 1] & 0x40]


def middle(content):
    """Return the position of a packet of sound without a header or adaptation."""
    plain = [
        place
        for place in packets_of(content, SOUND)
        if not content[place + 1] & 0x40 and not content[place + 3] & 0x20
    ]
    return plain[len(plain) // 2]


def header(content):
    """Return the position of the header of the second part of the sound."""
    place = parts(content)[1]
    return place + (5 + content[place + 4] if content[place + 3] & 0x20 else 4)


def section(kind, body):
    """Return a table with its checksum, in a packet."""
    data = struct.pack(">BHHBBB", kind, 0xB000 | (len(body) + 9), 1, 0xC1, 0, 0) + body
    value = 0xFFFF_FFFF
    for byte in data:
        for bit in range(7, -1, -1):
            top = value >> 31 ^ byte >> bit & 1
            value = (value << 1 ^ (0x04C11DB7 if top else 0)) & 0xFFFF_FFFF
    return data + struct.pack(">I", value)


def table_of(*rows, about=b""):
    """Return the table of the streams of a programme: rows of kind, number and descriptors."""
    body = struct.pack(">HH", 0xE100, 0xF000 | len(about)) + about
    for kind, number, notes in rows:
        body += struct.pack(">BHH", kind, 0xE000 | number, 0xF000 | len(notes)) + notes
    return section(2, body)


def with_table(content, index, table):
    """Return a transport stream in which a packet of the table has another table."""
    place = packets_of(content, TABLE)[index]
    return put(content, place + 4, (b"\0" + table).ljust(WIDTH - 4, b"\xff"))


TS = {
    "lost byte": (lambda c: c[: 20 * WIDTH] + c[20 * WIDTH + 1 :], "no packet begins at byte 3760"),
    "error of reception": (
        lambda c: flip(c, middle(c) + 1, 0x80),
        r"the packet at byte \d+ was received with errors",
    ),
    "no programmes": (
        lambda c: put(c, 0, b"".join(_renumbered(c, 0))),
        "it has no table of its programmes",
    ),
    "adaptation": (
        lambda c: put(c, middle(c) + 3, bytes([c[middle(c) + 3] | 0x20, 184])),
        r"the packet at byte \d+ is impossible",
    ),
    "missing packet": (
        lambda c: c[: middle(c)] + c[middle(c) + WIDTH :],
        r"packets of sound are missing before byte \d+",
    ),
    "short part": (
        lambda c: put(c, header(c) + 4, struct.pack(">H", 9)),
        r"the packet at byte \d+ has more bytes than its part states",
    ),
    "long part": (
        lambda c: put(c, header(c) + 4, b"\xff\xff"),
        r"\d+ bytes of sound are missing before byte \d+",
    ),
    "impossible part": (
        lambda c: put(c, header(c) + 4, struct.pack(">H", 1)),
        r"the part at byte \d+ is shorter than its header",
    ),
    "no header": (
        lambda c: put(c, header(c), b"\1"),
        r"the part of a stream at byte \d+ has no header",
    ),
    "long header": (
        lambda c: set_byte(c, header(c) + 8, 255),
        r"the header of the part at byte \d+ is longer than its packet",
    ),
    "damaged table": (
        lambda c: flip(c, packets_of(c, TABLE)[0] + 16, 1),
        "a table of its streams is damaged",
    ),
    "bytes in a frame": (
        lambda c: put(c, middle(c) + 4, bytes(184)),
        r"no frame begins at byte \d+, and \d+ bytes there are no tags|decoding fails",
    ),
    "no frames": (
        lambda c: _silent(c),
        r"no frame is in the first \d+ bytes of a stream of MPEGTS",
    ),
}


def _renumbered(content, number):
    """Yield the packets; those of one stream belong to another one."""
    for place in range(0, len(content), WIDTH):
        packet = content[place : place + WIDTH]
        found = int.from_bytes(packet[1:3]) & 0x1FFF
        yield put(packet, 1, b"\x5f\xfe") if found == number else packet


def _silent(content):
    """Return a transport stream with zeros instead of the sound."""
    for place in packets_of(content, SOUND):
        if not content[place + 1] & 0x40 and not content[place + 3] & 0x20:
            content = put(content, place + 4, bytes(WIDTH - 4))
    for place in parts(content):
        start = place + (5 + content[place + 4] if content[place + 3] & 0x20 else 4)
        start += 9 + content[start + 8]
        content = put(content, start, bytes(place + WIDTH - start))
    return content


@pytest.mark.parametrize("row", TS)
def test_damaged_transport_streams_are_refused(row, coded):
    """Packets, parts and tables that are missing or impossible are named."""
    change, message = TS[row]
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(change(coded("mpegts", "aac", 44100, 2)), 44100)
    assert "malformed" == caught.value.code


def test_encrypted_and_changing_transport_streams_are_refused(coded):
    """Sound that is encrypted, absent or changes its stream cannot be decoded, and is no damage."""
    content = coded("mpegts", "aac", 44100, 2)
    aac = table_of((0x0F, SOUND, b""))
    for changed, message in (
        (flip(content, middle(content) + 3, 0x80), "its coding is AAC that is encrypted"),
        (flip(content, header(content) + 6, 0x10), "its coding is AAC that is encrypted"),
        (_all_tables(content, table_of((0x1B, 0x101, b""))), "without a stream of sound"),
        (
            with_table(content, -1, table_of((0x0F, 0x102, b""))),
            r"whose streams of sound change at byte \d+",
        ),
        (_all_tables(content, table_of((0x11, SOUND, b""))), "its coding is AAC_LATM in MPEGTS"),
    ):
        with pytest.raises(AudioError, match=message) as caught:
            mono_samples(changed, 44100)
        assert "unsupported-coding" == caught.value.code
    expected = mono_samples(content, 44100)
    assert np.array_equal(expected, mono_samples(_all_tables(content, aac), 44100))


def _all_tables(content, table):
    for index in range(len(packets_of(content, TABLE))):
        content = with_table(content, index, table)
    return content


def test_copies_and_splices_of_packets_are_read(coded):
    """A packet that is sent twice is read once, and a jump of the counter may be announced."""
    content = coded("mpegts", "aac", 44100, 2)
    expected = mono_samples(content, 44100)
    place = middle(content)
    twice = content[: place + WIDTH] + content[place:]
    assert np.array_equal(expected, mono_samples(twice, 44100))
    third = [p for p in parts(content) if content[p + 3] & 0x20 and content[p + 4]][-1]
    spliced = flip(content, third + 5, 0x80)
    for later in [p for p in packets_of(content, SOUND) if p >= third]:
        spliced = flip(spliced, later + 3, 0x08)
    assert np.array_equal(expected, mono_samples(spliced, 44100))
    with pytest.raises(AudioError, match="packets of sound are missing"):
        mono_samples(flip(spliced, third + 5, 0x80), 44100)


def test_packets_of_192_bytes_are_read(coded):
    """The packets of camcorders, which have four bytes more, give the same samples."""
    content = coded("mpegts", "aac", 44100, 2)
    wide = b"".join(
        bytes(4) + content[place : place + WIDTH] for place in range(0, len(content), WIDTH)
    )
    assert np.array_equal(mono_samples(content, 44100), mono_samples(wide, 44100))


def test_part_of_a_broadcast_is_read(coded):
    """A recording that begins inside of a frame is read from the next one on, with a warning."""
    content = coded("mpegts", "mp2", 48000, 1)
    whole = mono_samples(content, 48000)
    first = parts(content)[0]
    head = content[: 3 * WIDTH]  # the tables
    with pytest.warns(AudioWarning, match=r"begins inside a frame: \d+ bytes before the first"):
        some = mono_samples(head + content[first + WIDTH :], 48000)
    assert 0 < len(some) < len(whole)
    assert np.array_equal(whole[-len(some) + 2304 :], some[2304:])


def test_cut_transport_streams_are_told(coded):
    """A transport stream that ends inside of a packet, a part or a frame is truncated."""
    content = coded("mpegts", "aac", 44100, 2)
    whole = len(content) // WIDTH * WIDTH
    for changed, message in (
        (content[: whole - 5], r"ends at byte \d+, 183 bytes inside a packet"),
        (content[: packets_of(content, SOUND)[-1]], r"ends \d+ bytes before the end of its last"),
        (content[: parts(content)[0] + WIDTH], "before its first whole frame"),
    ):
        with pytest.raises(AudioError, match=message) as caught:
            mono_samples(changed, 44100)
        assert "truncated" == caught.value.code


def test_streams_of_a_transport_stream_are_listed(coded):
    """The codings and languages come from the table, and one stream may be damaged."""
    content = coded("mpegts", "aac", 44100, 2, tracks=2)
    two = table_of((0x0F, SOUND, b"\x0a\4eng\0"), (0x0F, 0x101, b"\x0a\4deu\0"))
    content = _all_tables(content, two)
    with pytest.raises(AudioError, match="0 is AAC, 44100 Hz, eng; 1 is AAC, 44100 Hz, deu"):
        mono_samples(content, 44100)
    missing = packets_of(content, 0x101)[5]
    damaged = content[:missing] + content[missing + WIDTH :]
    with pytest.raises(AudioError, match="packets of sound are missing"):
        mono_samples({"bytes": damaged, "stream": 0}, 44100)
    silent = content
    for place in packets_of(content, 0x101):
        silent = put(silent, place + 1, b"\x1f\xff")
    assert np.array_equal(
        mono_samples({"bytes": content, "stream": 0}, 44100),
        mono_samples({"bytes": silent, "stream": 0}, 44100),
    )
    with pytest.raises(AudioError, match="the stream has no samples") as caught:
        mono_samples({"bytes": silent, "stream": 1}, 44100)
    assert "empty-audio" == caught.value.code


@pytest.mark.parametrize(
    ("kind", "notes", "about", "coding"),
    [
        (0x81, b"", b"", "AC3"),
        (0x06, b"\x6a\1\0", b"", "AC3"),
        (0x06, b"\x05\4EAC3", b"", "EAC3"),
        (0x06, b"\x05\4Opus", b"", "OPUS"),
        (0x06, b"\x56\0", b"", None),
        (0x82, b"", b"", None),
        (0x82, b"", b"\x05\4HDMV", "DTS"),
        (0x80, b"", b"\x05\4HDMV", "PCM_BLURAY"),
        (0x1B, b"", b"", None),
    ],
)
def test_codings_of_the_table(kind, notes, about, coding):
    """The coding follows from the type of a stream, or from a descriptor."""
    found = streams(table_of((kind, 0x123, notes), about=about))
    assert ([] if coding is None else [(0x123, coding)]) == [row[:2] for row in found]


def test_programmes_of_the_table():
    """A row with the number 0 is not a programme."""
    assert [0x1000, 0x42] == programs(section(0, struct.pack(">6H", 0, 16, 1, 0xF000, 2, 0xE042)))


# AVI


def chunk(kind, body):
    """Return a chunk with its padding."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def listed(kind, *chunks):
    """Return a list of chunks."""
    return chunk(b"LIST", kind + b"".join(chunks))


def avi(tag=1, bits=16, align=2, sound=bytes(400), channels=1, extra=b"", name=b"00wb", more=()):
    """Return an AVI video of one stream of sound."""
    wave = struct.pack("<HHIIHH", tag, channels, 8000, 16000, align, bits)
    stream = listed(
        b"strl", chunk(b"strh", b"auds" + bytes(52)), chunk(b"strf", wave + extra), *more
    )
    body = b"AVI " + listed(b"hdrl", stream) + listed(b"movi", chunk(name, sound))
    return chunk(b"RIFF", body)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (avi().replace(b"auds", b"vids"), "unsupported-coding", "AVI video without a stream of s"),
        (avi().replace(b"00wb", b"\x0000b"), "malformed", r"no chunk begins at byte \d+"),
        (avi(name=b"01wb"), "malformed", r"the chunk at byte \d+ belongs to no stream"),
        (avi(name=b"zzwb"), "malformed", r"the chunk at byte \d+ belongs to no stream"),
        (avi(align=3), "malformed", "frames of 3 bytes for 1 channels of 16 bits"),
        (avi(align=0), "malformed", "frames of 0 bytes for 1 channels of 16 bits"),
        (avi(tag=0x161), "unsupported-coding", "the WAV format 0x161 of 16 bits in AVI"),
        (avi(tag=0x11, bits=4), "unsupported-coding", "the WAV format 0x11 of 4 bits in AVI"),
        (avi(sound=bytes(401)), "truncated", "ends 1 bytes before the end of a frame of 2 bytes"),
        (avi(more=[listed(b"strl")] * 100), "malformed", "it has more than 100 streams"),
        (avi()[:-1], "truncated", "inside a chunk of 400 bytes"),
        (avi()[:-404], "truncated", "inside a chunk"),
        (avi()[:-408], "truncated", r"has \d+ of the \d+ bytes that its header claims"),
        (avi()[:60], "truncated", "ends at byte 60, inside a chunk"),
        (avi(tag=0x55), "malformed", "no frame is in the first 400 bytes of a stream of AVI"),
        (avi(channels=0), "malformed", "the number of channels in its header"),
    ],
)
def test_damaged_avi_is_refused(content, code, message):
    """Chunks and headers that are missing or impossible are named."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, 8000)
    assert code == caught.value.code


def test_other_forms_of_avi_are_read():
    """Lists of records, further parts, padding, and a file without sizes are read."""
    samples = np.arange(-200, 200, dtype="<i2")
    sound = samples.tobytes()
    expected = samples / np.float32(32768)
    header = avi(sound=b"")
    begin = header[: header.index(b"LIST", header.index(b"strf"))]
    record = listed(b"rec ", chunk(b"00wb", sound[:200]), chunk(b"JUNK", b"abc"))
    whole = begin[12:] + listed(b"movi", record) + chunk(b"idx1", bytes(16))
    more = chunk(b"RIFF", b"AVIX" + listed(b"movi", chunk(b"00wb", sound[200:])))
    content = chunk(b"RIFF", b"AVI " + whole) + more
    assert np.array_equal(expected, mono_samples(content, 8000))
    unfinished = put(content[: -len(more)], 4, bytes(4))
    assert np.array_equal(expected[:100], mono_samples(unfinished, 8000))
    with pytest.warns(AudioWarning, match="has 7 bytes behind its last chunk that are not audio"):
        assert np.array_equal(expected, mono_samples(content + b"garbage", 8000))


def test_raw_aac_of_avi_may_have_headers(coded):
    """AAC without a header of the coding consists of ADTS frames."""
    adts = coded("adts", "aac", 44100, 2)
    content = avi(tag=0xFF, sound=adts, channels=2)
    expected = mono_samples(adts, 44100)
    assert np.array_equal(expected, mono_samples(content, 44100))
    other = avi(tag=0xFF, sound=adts + b"garbage and more", channels=2)
    place = other.index(adts) + len(adts)
    with pytest.raises(AudioError, match=f"no frame begins at byte {place}, and 16 bytes there"):
        mono_samples(other, 44100)
    # Bytes that look like a header, behind which no frame follows, are no frame.
    false = b"\0\0\0" + adts[:3] + b"\x80\x02" + bytes(20)
    with pytest.warns(AudioWarning, match=f"{len(false)} bytes before the first whole one are"):
        some = mono_samples(avi(tag=0xFF, sound=false + adts, channels=2), 44100)
    assert np.array_equal(expected, some)


# FLV


def flv(*tags):
    """Return a Flash video of tags: kind, body and time in milliseconds."""
    content = b"FLV\1\4\0\0\0\x09" + bytes(4)
    for kind, body, time in tags:
        head = bytes([kind]) + len(body).to_bytes(3) + (time & 0xFFFFFF).to_bytes(3)
        head += bytes([time >> 24]) + bytes(3)
        content += head + body + (11 + len(body)).to_bytes(4)
    return content


PCM = b"\x3a" + bytes(200)  # 22050 Hz, 16 bits, mono
DURATION = b"\2\0\x0aonMetaData\x08\0\0\0\1\0\x08duration\0" + struct.pack(">d", 9.0)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (flv((7, PCM, 0)), "malformed", "no tag begins at byte 13"),
        (flv((0x28, PCM, 0)), "unsupported-coding", "a Flash video that is encrypted"),
        (
            flv((8, PCM, 0))[:-1] + b"x",
            "malformed",
            "the tag at byte 13 does not end with its size",
        ),
        (
            flv((8, PCM, 0), (8, b"\x3b" + PCM, 9)),
            "unsupported-coding",
            "coding changes at byte 229",
        ),
        (flv((9, b"\x17\0", 0)), "unsupported-coding", "a Flash video without sound"),
        (flv((9, b"\x17\0", 0))[:-1], "truncated", "inside a tag"),
        (flv((8, PCM, 0))[:-9], "truncated", r"ends at byte \d+, inside a tag"),
        (flv((8, PCM, 0))[:-205], "truncated", r"ends at byte \d+, inside a tag"),
        (flv((18, DURATION, 0), (8, PCM, 20)), "truncated", "ends at 0.020 s of the 9.000 s that"),
        (flv((8, b"\x62" + bytes(9), 0)), "unsupported-coding", "NELLYMOSER in FLV"),
        (flv((8, b"\xf2" + bytes(9), 0)), "unsupported-coding", "number 15 of Flash in FLV"),
        (flv((8, b"\x2f" + bytes(9), 0)), "malformed", "no frame is in the first 9 bytes"),
    ],
)
def test_damaged_flv_is_refused(content, code, message):
    """Tags that are damaged, incomplete, or of another coding are named."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, 22050)
    assert code == caught.value.code


def test_samples_of_flv_are_read():
    """Samples of 8 and 16 bits, and of telephones, are read; a live video states no duration."""
    samples = np.arange(-100, 100, dtype="<i2")
    content = flv((8, b"\x3a" + samples.tobytes(), 0), (8, b"\x3a" + samples.tobytes(), 9))
    expected = np.concatenate([samples, samples]) / np.float32(32768)
    assert np.array_equal(expected, mono_samples(content, 22050))
    small = flv((8, b"\x38" + bytes(range(256)), 0))
    assert np.array_equal((np.arange(256) - 128) / 128, mono_samples(small, 22050))
    with pytest.raises(AudioError, match="'sampling_rate'"):
        mono_samples({"bytes": flv((8, b"\x82" + bytes(9), 0)), "sampling_rate": 22050}, 22050)
    live = flv((18, DURATION[:-8] + bytes(8), 0), (8, PCM, 1 << 25))
    assert 100 == len(mono_samples(live, 22050))


# streams of bytes


def test_scattered_bytes_are_one_content():
    """Any part of a stream is that of its joined bytes, and has a position in the file."""
    file = bytes(range(256)) * 40
    stream = Scattered(InMemory(file))
    assert (0, b"") == (stream.origin(5), stream.read_at(0, 10))
    places = [(5, 3), (9000, 1), (100, 0), (20, 5000)]
    for place, size in places:
        stream.add(place, size)
    joined = b"".join(file[place : place + size] for place, size in places)
    assert len(joined) == stream.size
    for offset, count in ((0, 1), (2, 3), (3, 1), (4, 5000), (5000, 99), (5004, 1)):
        assert joined[offset : offset + count] == stream.read_at(offset, count)
    assert [5, 7, 9000, 20, 5019, 5020] == [stream.origin(n) for n in (0, 2, 3, 4, 5003, 5004)]
    stream.add(len(file) - 2, 10)  # the file has become shorter
    assert file[-2:] == stream.read_at(5004, 10)
    stream.close()


def test_forms_of_frames_refuse_other_bytes():
    """A header that is incomplete, of another coding or without a length is no frame."""
    for form in FRAMED.values():
        assert form.parse(bytes(form.header)) is None
    assert FRAMED["MPEG"].parse(b"\xff\xfb\x00\x00") is None  # of a free length
    assert 417 == FRAMED["MPEG"].parse(b"\xff\xfb\x90\x00").size


def test_video_without_whole_header_is_truncated():
    """An AVI video that ends before its first stream says so."""
    with pytest.raises(AudioError, match=r"inside a chunk, before its first samples \(fetch it ag"):
        inspect(InMemory(avi()[:40]))
    assert Audio.open("a.avi", stream=1).stream == 1
