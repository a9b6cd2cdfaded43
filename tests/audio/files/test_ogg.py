"""Ogg files: damaged pages are refused, and chained streams are all read."""

import io
import re
import struct
import warnings

import numpy as np
import pytest
import soundfile

from netencoders_audio import Audio, AudioError, AudioWarning, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.ogg import checksum, read_ogg

RATE = 16000


@pytest.fixture(params=["VORBIS", "OPUS"])
def content(request, frames):
    """Return an Ogg file of 7 pages or more."""
    file = io.BytesIO()
    samples = np.concatenate([frames(RATE, 1)] * 4)
    soundfile.write(file, samples, RATE, request.param, format="OGG")
    assert len(pages(file.getvalue())) >= 7
    return file.getvalue()


def pages(content):
    """Return the pages of an Ogg file."""
    place, found = 0, []
    while place < len(content):
        count = content[place + 26]
        size = 27 + count + sum(content[place + 27 : place + 27 + count])
        found.append(content[place : place + size])
        place += size
    return found


def page(old, *, serial=None, flags=None):
    """Return a page with another serial number or other flags, and a correct checksum."""
    new = bytearray(old)
    if serial is not None:
        struct.pack_into("<I", new, 14, serial)
    if flags is not None:
        new[5] = flags
    new[22:26] = bytes(4)
    struct.pack_into("<I", new, 22, checksum(bytes(new)))
    return bytes(new)


def skeleton(number, flags, body):
    """Return a page of a stream without audio."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, 777, number, 0, 1)
    return page(head + bytes([len(body)]) + body)


def check(content, code, message):
    """Check the code and the message of the error for a file."""
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples(content, RATE)
    assert code == caught.value.code


def test_chained_streams_are_one_recording(content):
    """Chained streams, as radio stations send them, are one recording."""
    one = mono_samples(content, RATE)
    other = b"".join(page(old, serial=5) for old in pages(content))
    for chain in (content + other, content + content):
        assert np.array_equal(np.concatenate([one, one]), mono_samples(chain, RATE))


def test_chained_streams_of_different_rates_are_refused(recording):
    """A chain of streams with different rates is refused."""
    parts = [recording(rate, 1, "OGG").read_bytes() for rate in (16000, 8000)]
    message = (
        "part 2 has another sample rate or number of channels than part 1: 8000 Hz, 1 channel "
        "instead of 16000 Hz, 1 channel"
    )
    check(b"".join(parts), "malformed", message)
    codings = [recording(RATE, 2, "OGG", "OPUS").read_bytes(), parts[0]]
    check(b"".join(codings), "malformed", "16000 Hz, 1 channel instead of 16000 Hz, 2 channels")


@pytest.mark.parametrize("first", [True, False])
def test_multiplexed_streams_without_audio_are_skipped(content, first):
    """A stream without audio is skipped, before and after the first page of audio."""
    head, *rest = pages(content)
    index = skeleton(0, 2, b"fishead\0" + bytes(56))
    begin = index + head if first else head + index
    mixed = begin + rest[0] + skeleton(1, 4, b"") + b"".join(rest[1:])
    assert np.array_equal(mono_samples(content, RATE), mono_samples(mixed, RATE))


def test_decoder_gets_only_pages_of_audio(content):
    """The decoder gets the pages of the audio stream, and no others."""
    head, first, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    assert content == decoder_input(index + content)
    orphan = page(last, serial=9, flags=0)  # of a stream that never began
    assert content == decoder_input(index + head + first + orphan + last + b"".join(rest))


def test_continued_pages_neither_begin_nor_end_a_stream(content):
    """A page that continues a packet neither begins nor ends a stream."""
    head, first, second, *rest = pages(content)
    index, last = skeleton(0, 2, b"fishead\0" + bytes(56)), skeleton(1, 4, b"")
    audio = head + first + page(second, flags=1) + b"".join(rest)
    assert audio == decoder_input(index + head + last + audio[len(head) :])


def decoder_input(content):
    """Return the bytes that the decoder gets for a complete file with one recording."""
    found = read_ogg(RestOfFile(io.BytesIO(content)))
    assert found.cut is None
    (part,) = found.parts
    return part.read_at(0, part.size)


@pytest.mark.parametrize("count", [1 << 12, (1 << 12) + (1 << 20)])
def test_page_at_the_edge_of_a_piece_is_found(content, count):
    """A page after other bytes is found at each position relative to the pieces that are read."""
    first, *rest = pages(content)
    for stray in range(count - 5, count + 5):
        found = read_ogg(RestOfFile(io.BytesIO(first + b"x" * stray + b"".join(rest))))
        assert f"has {stray} bytes between its pages" in found.notes[0]


def test_other_bytes_in_place_of_a_page_are_refused(content):
    """Zeros in place of the last page are damage, and so are bytes in place of another page."""
    parts = pages(content)
    check(b"".join(parts[:-1]) + bytes(1000), "malformed", r"no page begins at byte \d+")
    for count in (1, 2):
        missing = b"".join(parts[:2]) + bytes(5000) + b"".join(parts[2 + count :])
        words = "1 page is missing" if count == 1 else "2 pages are missing"
        check(missing, "malformed", rf"{words} before byte \d+")


def read_with(content, *notes):
    """Return the samples of a file, and check the warnings, which are without its name."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AudioWarning)
        samples = mono_samples(content, RATE)
    assert list(notes) == [str(found.message).removeprefix("bytes: ") for found in caught]
    return samples


@pytest.mark.parametrize(
    "stray", [b"j", b"junk" * 200, b"\1" + bytes(7), b"OggT" * 9, b"x" * (3 << 20)]
)
def test_bytes_between_whole_pages_are_left_out_with_a_warning(content, stray):
    """Bytes between pages lose nothing if no page is missing: a warning has their number."""
    one = mono_samples(content, RATE)
    parts = pages(content)
    note = "has {} bytes between its pages that are not Ogg: they are left out"
    for count in range(1, len(parts), 3):
        mixed = b"".join(parts[:count]) + stray + b"".join(parts[count:])
        assert np.array_equal(one, read_with(mixed, note.format(len(stray))))
    chain = read_with(content + stray + content, note.format(len(stray)))
    assert np.array_equal(np.concatenate([one, one]), chain)
    both = content[: len(parts[0])] + stray + b"".join(parts[1:-1]) + stray + parts[-1]
    assert np.array_equal(one, read_with(both, note.format(2 * len(stray))))


@pytest.mark.parametrize("tag", [bytes(5000), b"TAG".ljust(128, b"x")])
def test_tags_and_zeros_between_links_are_ignored(content, tag):
    """Tags and zeros between the links of a chain are expected; inside a link they are not."""
    one = mono_samples(content, RATE)
    assert np.array_equal(np.concatenate([one, one]), read_with(content + tag + content))
    first, *rest = pages(content)
    note = f"has {len(tag)} bytes between its pages that are not Ogg: they are left out"
    assert np.array_equal(one, read_with(first + tag + b"".join(rest), note))


@pytest.mark.parametrize("count", [1, 800, 70_000])
def test_other_bytes_after_the_last_page_are_told(content, count):
    """Other bytes after the last page are left out, and a warning has their number."""
    noise = b"n" + np.random.default_rng(0).bytes(count - 1)
    note = f"has {count} bytes behind its last page that are not audio: they are left out"
    one = mono_samples(content, RATE)
    for rest in (noise, noise + b"TAG".ljust(128, b"x")):
        assert np.array_equal(one, read_with(content + rest, note))


@pytest.mark.parametrize("rest", [bytes(100_000), b"TAG".ljust(128, b"x")])
def test_other_bytes_after_the_last_page_are_ignored(content, rest):
    """Zeros and tags after the last page are ignored."""
    assert np.array_equal(mono_samples(content, RATE), mono_samples(content + rest, RATE))


def test_damaged_pages_are_refused(content):
    """A page that is changed or missing is damage."""
    parts = pages(content)
    check(b"".join(parts[:-2] + parts[-1:]), "malformed", "1 page is missing before byte")
    for place in (8, len(content) // 2, len(content) - 1):
        broken = bytearray(content)
        broken[place] ^= 1
        check(bytes(broken), "malformed", r"the checksum of the page at byte \d+ is wrong")


@pytest.mark.parametrize("repeated_from", [0, 1, 2, 3])
def test_repeated_pages_are_left_out_with_a_warning(content, repeated_from):
    """Pages that the file repeats, at once or later, lose nothing: a warning has their number."""
    parts = pages(content)
    one = mono_samples(content, RATE)
    note = f"repeats {4 - repeated_from} of its pages: they are left out"
    if repeated_from:  # otherwise the file begins again
        again = b"".join(parts[:4] + parts[repeated_from:])
        assert np.array_equal(one, read_with(again, note))
    last = read_with(content + parts[-1], "repeats 1 of its pages: they are left out")
    assert np.array_equal(one, last)
    first = read_with(parts[0] + content, "repeats 1 of its pages: they are left out")
    assert np.array_equal(one, first)


def test_page_with_the_number_of_another_one_is_refused(content):
    """A page with the number of an earlier page and other content is damage."""
    parts = pages(content)
    other = page(parts[3], flags=1)
    message = r"the page at byte \d+ repeats the number 3 of an earlier page, with other content"
    check(b"".join([*parts[:4], other, *parts[4:]]), "malformed", message)


def test_pages_behind_the_end_of_their_stream_are_told(content):
    """Pages of a stream that has ended, or that never began, are left out with a warning."""
    one = mono_samples(content, RATE)
    parts = pages(content)
    orphan = page(parts[2], serial=99)
    note = "has 2 pages of no stream that goes on: they are left out"
    seen = read_with(parts[0] + orphan + b"".join(parts[1:]) + orphan, note)
    assert np.array_equal(one, seen)
    early = [*parts[:4], page(parts[4], flags=4), *parts[5:]]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AudioWarning)
        assert len(mono_samples(b"".join(early), RATE)) < len(one)
    assert f"has {len(parts) - 5} pages of no stream" in str(caught[0].message)


def test_links_without_their_last_page_are_told(content, tmp_path):
    """A link without its last page, before another one, is read with a warning."""
    unended = b"".join(pages(content)[:-1])
    (tmp_path / "unended.ogg").write_bytes(unended)
    with pytest.warns(AudioWarning, match="ends before its last page"):
        part = mono_samples(Audio.open(tmp_path / "unended.ogg", truncated="warn"), RATE)
    note = "has 2 parts without their last page: they may be truncated"
    seen = read_with(unended + unended + content, note)
    assert np.array_equal(np.concatenate([part, part, mono_samples(content, RATE)]), seen)


def test_second_stream_of_audio_is_told(content):
    """A second stream of audio beside the first one is left out with a warning."""
    one = mono_samples(content, RATE)
    first, *rest = pages(content)
    others = [page(old, serial=5) for old in pages(content)]
    mixed = first + others[0] + b"".join(map(b"".join, zip(rest, others[1:], strict=True)))
    note = "has 2 streams of audio side by side: the first is encoded"
    assert np.array_equal(one, read_with(mixed, note))


def stream(*packets):
    """Return an Ogg stream of one page for each packet."""
    count = len(packets)
    flags = [2 if k == 0 else 4 if k == count - 1 else 0 for k in range(count)]
    return b"".join(
        framed(packet, k, flag) for k, (packet, flag) in enumerate(zip(packets, flags, strict=True))
    )


def framed(packet, number, flags, granule=0):
    """Return a page with one packet."""
    sizes = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 9, number, 0, len(sizes))
    return page(head + sizes + packet)


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        (b"PCM     " + bytes(20), "PCM in Ogg"),
        (b"CELT    " + bytes(20), "CELT"),
        (b"OggMIDI\0" + bytes(20), "MIDI in Ogg, which contains notes"),
        (b"fLaC", "FLAC in Ogg of the time before version 1.1.1 of FLAC"),
        (b"\x7fFLAC\x02" + bytes(20), "FLAC in Ogg of an unknown version"),
        (b"\x80theora" + bytes(20), "Theora video, without a stream of audio"),
        (b"fishead\0" + bytes(56), "Skeleton, an index, without a stream of audio"),
        (b"CMML\0\0\0\0" + bytes(20), "CMML, a text, without a stream of audio"),
        (
            b"new kind",
            "an unknown kind of Ogg stream that begins with b'new kind', without a stream of audio",
        ),
    ],
)
def test_other_codings_are_named(content, packet, name):
    """A coding that is not decoded is named, also in a link after Vorbis or Opus."""
    message = rf"^bytes: its coding is {re.escape(name)}, which cannot be decoded \("
    check(stream(packet, b"more", b"end"), "unsupported-coding", message)
    if "without" not in name:
        chain = content + stream(packet, b"more", b"end")
        check(chain, "unsupported-coding", message)
    elif b"kind" not in packet:  # its link has nothing to decode
        one = mono_samples(content, RATE)
        assert np.array_equal(one, mono_samples(content + stream(packet, b"end"), RATE))


def test_pages_without_a_stream_are_refused(content):
    """Pages of a stream whose first page is missing are damage."""
    message = "no page begins a stream"
    check(b"".join(pages(content)[1:]), "malformed", message)


def flac(samples, rate=RATE):
    """Return the bytes of a FLAC file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="FLAC")
    return file.getvalue()


def flac_in_ogg(native, size=5000):
    """Return a native FLAC file as a stream of Ogg; a page has one packet of some bytes."""
    rest = [native[start : start + size] for start in range(42, len(native), size)]
    first = b"\x7fFLAC\1\0\0\1" + native[:42]
    return stream(first, *rest)


def test_flac_in_ogg_is_read(frames):
    """FLAC in Ogg is read like the native file, also in chains, with all checks of FLAC."""
    native = flac(frames(RATE, 2))
    expected = mono_samples(native, RATE)
    assert np.array_equal(expected, mono_samples(flac_in_ogg(native), RATE))
    note = "consists of 2 FLAC files that are joined: all are encoded"
    chain = read_with(flac_in_ogg(native) + flac_in_ogg(native), note)
    assert np.array_equal(np.concatenate([expected] * 2), chain)
    check(flac_in_ogg(native)[:-2000], "truncated", r"inside a page")
    other = flac_in_ogg(flac(frames(RATE, 1)))
    message = "16000 Hz, 1 channel, 16 bits instead of 16000 Hz, 2 channels, 16 bits"
    check(flac_in_ogg(native) + other, "malformed", message)


def test_chain_of_flac_and_another_coding_is_refused(content, frames):
    """A chain of FLAC and of another coding is refused, in both orders."""
    native = flac_in_ogg(flac(frames(RATE, 1)))
    check(content + native, "malformed", "part 2 has another coding than part 1: FLAC instead of")
    check(native + content, "malformed", "part 2 has another coding than part 1: .* of FLAC")


@pytest.mark.parametrize("offset", [1, 312, 960, 48_000, 3_000_000])
def test_streams_that_begin_later_have_the_same_samples(content, offset):
    """The samples of a stream do not depend on the granule position at which it begins."""
    moved = b""
    for old in pages(content):
        new = bytearray(old)
        (granule,) = struct.unpack_from("<q", new, 6)
        struct.pack_into("<q", new, 6, granule + offset if granule > 0 else granule)
        moved += page(new)
    assert np.array_equal(mono_samples(content, RATE), mono_samples(moved, RATE))


def test_opus_of_unknown_rate_is_read_at_48_khz(recording):
    """Opus whose header states no rate is decoded at 48 kHz, and not at 8 kHz."""
    content = recording(48_000, 2, "OGG", "OPUS").read_bytes()
    first, *rest = pages(content)
    place = first.index(b"OpusHead") + 12
    unknown = page(first[:place] + bytes(4) + first[place + 4 :]) + b"".join(rest)
    assert content != unknown
    expected = mono_samples(content, 48_000)
    assert np.array_equal(expected, mono_samples(unknown, 48_000))
    assert np.array_equal(np.concatenate([expected] * 2), mono_samples(unknown + content, 48_000))


def last_page_offset(content):
    """Return the byte offset of the last page."""
    return len(content) - len(pages(content)[-1])


@pytest.mark.parametrize(
    "cut",
    [
        lambda c: c[:-30],
        lambda c: b"".join(pages(c)[:-1]),
        *(lambda c, rest=rest: c[: last_page_offset(c) + rest] for rest in (1, 4, 26, 27, 28)),
    ],
)
def test_file_without_its_end_is_truncated(content, cut, tmp_path):
    """A file without its end is truncated; the policy "warn" encodes the available frames."""
    check(cut(content), "truncated", r"ends (at byte \d+, inside a page|before its last page)")
    path = tmp_path / "cut.ogg"
    path.write_bytes(cut(content))
    with pytest.warns(AudioWarning, match="the available frames are encoded"):
        samples = mono_samples(Audio.open(path, truncated="warn"), RATE)
    assert len(samples) > 10_000


def test_any_flipped_bit_is_found(recording):
    """Any flipped bit in an Ogg file is found before the decoder reads it."""
    content = recording(8000, 1, "OGG").read_bytes()
    random = np.random.default_rng(0)
    assert "valid" == outcome(content)
    for place in random.integers(0, len(content), 300):
        broken = bytearray(content)
        broken[place] ^= 1 << int(random.integers(8))
        assert outcome(bytes(broken)) in ("cut", "malformed")


def outcome(content):
    """Return "cut", "valid", or the code of the error for a file."""
    try:
        return "cut" if read_ogg(RestOfFile(io.BytesIO(content))).cut else "valid"
    except AudioError as error:
        return error.code
