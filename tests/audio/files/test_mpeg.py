"""MP3 files: every frame is read, also with a wrong or an incomplete header."""

import io
import re
import struct
import warnings

import numpy as np
import pytest
import soundfile

from netencoders_audio import AudioError, AudioWarning, Limits, limits, mono_samples
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.mpeg import read_mp3
from netencoders_audio.recordings.opening import open_recording

DELAY = 529  # samples that libmpg123 removes from the beginning: the delay of a decoder


@pytest.fixture(scope="session")
def mp3(frames):
    """Return a function that makes an MP3 file, and returns it with its number of frames."""

    def make(rate=44100, channels=1, mode="VARIABLE"):
        file = io.BytesIO()
        samples = np.tile(frames(rate, channels), (4, 1)) / 32768
        # soundfile ignores the mode without a compression level.
        soundfile.write(file, samples, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
        content = file.getvalue()
        place = max(content.find(b"Xing"), content.find(b"Info"))
        return content, struct.unpack_from(">I", content, place + 8)[0]

    return make


def without_tag(content):
    """Return an MP3 file without the frame that holds its tag."""
    return content[content.index(content[:2], 100) :]


def ape_tag(length, header):
    """Return an APE tag of random bytes, with a footer and perhaps a header."""
    flags = 1 << 31 if header else 0
    ends = [
        struct.pack("<8s6I", b"APETAGEX", 2000, length + 32, 1, flag, 0, 0)
        for flag in (flags | 1 << 29, flags)
    ]
    body = np.random.default_rng(3).bytes(length)
    return (ends[0] if header else b"") + body + ends[1]


FORMS = [
    (rate, channels, mode)
    for rate in (8000, 16000, 44100, 48000)
    for channels in (1, 2)
    for mode in ("CONSTANT", "AVERAGE", "VARIABLE")
]


@pytest.mark.parametrize(("rate", "channels", "mode"), FORMS)
def test_file_without_a_tag_is_read_to_its_end(mp3, rate, channels, mode):
    """A file that does not state its number of frames is read to its last frame."""
    content, count = mp3(rate, channels, mode)
    samples = mono_samples(without_tag(content), rate)
    frame = 1152 if rate >= 32000 else 576
    assert count * frame - DELAY == len(samples)
    whole = mono_samples(content, rate)
    # A tag states LAME's delay, which is removed; without a tag the samples begin later.
    shift = int(np.argmax(np.correlate(samples[:20_000], whole[2000:12_000], "valid"))) - 2000
    assert 0 < shift < 2 * 1152
    np.testing.assert_allclose(
        samples[shift + 3000 : shift + 40_000], whole[3000:40_000], atol=1e-6
    )


@pytest.mark.parametrize(
    "around",
    [
        lambda c: c + b"TAG".ljust(128, b"x"),
        lambda c: c + ape_tag(70_000, header=True) + b"TAG".ljust(128, b"x"),
        lambda c: c + ape_tag(7000, header=False),
        lambda c: c + b"LYRICSBEGIN" + b"\xff\xfb\x90\x64" * 50 + b"000211LYRICS200",
        lambda c: c + bytes(2048),
        lambda c: ape_tag(70_000, header=True) + c,
        lambda c: bytes(100_000) + c,
        lambda c: b"ID3\3\0\0\0\x10\0\0" + np.random.default_rng(1).bytes(1 << 18) + c,
        lambda c: b"ID3\3\0\0\0\0\x10\0" + bytes(2048) + bytes(500) + c,
    ],
)
@pytest.mark.parametrize("tagged", [True, False])
def test_other_bytes_around_the_frames_are_skipped(mp3, capfd, around, tagged):
    """Tags, pictures, zeros and junk before and after the frames are not decoded."""
    content = mp3()[0] if tagged else without_tag(mp3()[0])
    expected = mono_samples(content, 44100)
    assert np.array_equal(expected, mono_samples(around(content), 44100))
    assert "" == capfd.readouterr().err


@pytest.mark.parametrize("between", [b"", b"ID3\3\0\0\0\0\x10\0" + bytes(2048)])
def test_joined_files_are_read_with_a_warning(mp3, between):
    """All frames of joined files are read, with a warning."""
    content, count = mp3()
    message = f"has {2 * count} MPEG frames, but its header claims {count}: all are encoded"
    with pytest.warns(AudioWarning, match=message):
        samples = mono_samples(content + between + content, 44100)
    one = mono_samples(content, 44100)
    # The delay of the first file is left out; its padding and the delay of the second are not.
    delay = int.from_bytes(content[content.index(b"LAME") + 21 :][:3], "big") >> 12
    assert 2 * count * 1152 - DELAY - delay == len(samples)
    assert np.array_equal(one[:-1152], samples[: len(one) - 1152])


@pytest.mark.parametrize("tagged", [True, False])
def test_other_bytes_between_the_frames_are_skipped_with_a_warning(mp3, capfd, tagged):
    """Bytes between the frames are skipped with a warning, and all frames are read."""
    content = mp3()[0] if tagged else without_tag(mp3()[0])
    place = content.index(content[:2], len(content) // 2)
    with pytest.warns(AudioWarning, match="has 3500 bytes between its frames that are not audio"):
        samples = mono_samples(content[:place] + b"garbage" * 500 + content[place:], 44100)
    assert np.array_equal(mono_samples(content, 44100), samples)
    assert "" == capfd.readouterr().err


def test_truncated_file_without_a_tag_is_read_with_a_warning(mp3):
    """A truncated file without a tag is read; a warning names the incomplete last frame."""
    content = without_tag(mp3()[0])
    with pytest.warns(AudioWarning, match="ends inside a frame, and its header does not claim"):
        samples = mono_samples(content[: len(content) // 2], 44100)
    assert np.array_equal(mono_samples(content, 44100)[: len(samples)], samples)


def test_truncated_file_with_a_tag_is_refused(mp3):
    """A file with fewer frames than its tag claims is refused, even if only one is missing."""
    content, _ = mp3()
    with pytest.raises(AudioError, match=r"has \d+ of the 264600 frames that its header claims"):
        mono_samples(content[:-10], 44100)


def test_valid_file_is_not_changed(mp3):
    """The decoder gets a file unchanged if it agrees with its tag."""
    file = RestOfFile(io.BytesIO(mp3()[0]))
    assert Findings((file,), counted=264_600) == read_mp3(file)


def test_tag_without_the_length_in_bytes_is_accepted(mp3, capfd):
    """All frames are read if the tag states only their number."""
    content, count = mp3()
    changed = bytearray(content)
    place = max(content.find(b"Xing"), content.find(b"Info"))
    struct.pack_into(">I", changed, place + 4, 1)  # neither bytes nor LAME's delay
    assert count * 1152 - DELAY == len(mono_samples(bytes(changed), 44100))
    assert "" == capfd.readouterr().err


@pytest.mark.parametrize("kind", ["whole", "without a tag", "without the count"])
@pytest.mark.parametrize(("rate", "channels", "mode"), FORMS)
def test_counted_samples_are_those_of_the_decoder(mp3, capfd, rate, channels, mode, kind):
    """The number of samples that follows from the frames is the number that the decoder gives."""
    content, count = mp3(rate, channels, mode)
    place = max(content.find(b"Xing"), content.find(b"Info"))
    if kind == "without a tag":
        content = without_tag(content)
    if kind == "without the count":
        flags = struct.pack(">I", content[place + 7] & 0xE)
        content = content[: place + 4] + flags + content[place + 12 :]
        content = content[:place] + content[place:].replace(content[:2], bytes(4) + content[:2], 1)
    found = read_mp3(RestOfFile(io.BytesIO(content)))
    [part] = found.parts
    decoded = soundfile.read(io.BytesIO(part.read_at(0, part.size)))[0]
    samples = count * (1152 if rate >= 32000 else 576) - DELAY
    expected = samples if kind == "without a tag" else 6 * rate
    assert (expected, expected, ()) == (found.counted, len(decoded), found.notes)
    assert "" == capfd.readouterr().err


def test_tag_without_the_count_is_no_sound(mp3):
    """A tag that does not state the number of frames is no sound; its delay is heeded."""
    content, _ = mp3()
    place = max(content.find(b"Xing"), content.find(b"Info"))
    end = content.index(content[:2], 100)
    flags = struct.pack(">I", content[place + 7] & 0xE)
    changed = content[: place + 4] + flags + content[place + 12 : end] + bytes(4) + content[end:]
    assert np.array_equal(mono_samples(content, 44100), mono_samples(changed, 44100))


def test_tag_of_fraunhofer_is_no_sound_and_states_the_count(mp3):
    """A VBRI tag is no sound, and a file with fewer frames than it states is truncated."""
    content, count = mp3()
    end = content.index(content[:2], 100)
    tag = b"VBRI" + struct.pack(">3H2I", 1, 0, 0, len(content), count)
    vbri = (content[:4] + bytes(32) + tag).ljust(end, b"\0")
    expected = mono_samples(content[end:], 44100)
    assert np.array_equal(expected, mono_samples(vbri + content[end:], 44100))
    message = f"has {len(expected) - 1152} of the {len(expected)} frames that its header claims"
    with pytest.raises(AudioError, match=message) as caught:
        mono_samples((vbri + content[end:])[:-10], 44100)
    assert "truncated" == caught.value.code


def test_missing_frames_that_are_as_long_as_the_padding_are_told(mp3):
    """A warning tells a missing frame if the decoded length equals that of a whole file."""
    content, count = mp3()
    changed = bytearray(content)
    place = content.index(b"LAME") + 21
    changed[place + 1 : place + 3] = bytes((changed[place + 1] & 0xF0 | 1681 >> 8, 1681 & 0xFF))
    message = f"has {count - 1} of the {count} MPEG frames that its header claims"
    with pytest.warns(AudioWarning, match=message):
        mono_samples(bytes(changed)[:-10], 44100)


@pytest.mark.parametrize(
    ("delay", "padding", "count", "expected"),
    [
        (576, 100, 20, 20 * 1152 - 576 - DELAY),  # the decoder's own delay is longer
        (576, 600, 20, 20 * 1152 - 576 - 600),
        (4095, 0, 3, 3 * 1152 - DELAY),  # impossible: the whole sound would be left out
    ],
)
def test_delay_and_padding_of_a_tag_are_left_out(mp3, delay, padding, count, expected):
    """The samples that LAME's tag states are left out, if the file has as many."""
    content = without_tag(mp3(44100, 1, "CONSTANT")[0])
    tag = bytearray(mp3(44100, 1, "CONSTANT")[0][: -len(content)])
    place = tag.index(b"LAME") + 21
    tag[place : place + 3] = (delay << 12 | padding).to_bytes(3, "big")
    heads = re.escape(content[:2]) + b"[" + bytes((content[2], content[2] ^ 2)) + b"]"
    end = [match.start() for match in re.finditer(heads, content)][count]
    size = len(tag) + end
    place = tag.index(b"Info") + 8
    tag[place : place + 8] = struct.pack(">2I", count, size)
    found = read_mp3(RestOfFile(io.BytesIO(bytes(tag) + content[:end])))
    assert (expected, ()) == (found.counted, found.notes)
    assert expected == len(mono_samples(bytes(tag) + content[:end], 44100))


def test_wrong_size_in_a_tag_is_corrected(mp3, capfd):
    """A tag whose size in bytes is wrong is corrected: libmpg123 prints nothing about it."""
    content, _ = mp3()
    place = max(content.find(b"Xing"), content.find(b"Info"))
    changed = content[: place + 12] + struct.pack(">I", 999) + content[place + 16 :]
    assert np.array_equal(mono_samples(content, 44100), mono_samples(changed, 44100))
    assert "" == capfd.readouterr().err


def test_count_that_includes_the_tag_is_accepted(mp3):
    """Some programs count the frame of the tag, too; the size shows that none is missing."""
    content, count = mp3()
    place = max(content.find(b"Xing"), content.find(b"Info"))
    changed = content[: place + 8] + struct.pack(">I", count + 1) + content[place + 12 :]
    assert np.array_equal(mono_samples(content, 44100), mono_samples(changed, 44100))


@pytest.mark.parametrize("channels", [1, 2])
def test_joined_files_of_another_form_are_an_error(mp3, channels):
    """Joined files of another rate or number of channels are an error that names both forms."""
    one, two = mp3(44100, channels)[0], mp3(16000, channels)[0]
    three = mp3(44100, 3 - channels)[0]
    name = {1: "mono", 2: "stereo"}
    for other, form in {
        two: f"MPEG-2 layer III, 16000 Hz, {name[channels]}",
        three: f"MPEG-1 layer III, 44100 Hz, {name[3 - channels]}",
    }.items():
        message = f"change from MPEG-1 layer III, 44100 Hz, {name[channels]} to {form} at byte"
        with pytest.raises(AudioError, match=message) as caught:
            mono_samples(one + other + one, 44100)
        assert "malformed" == caught.value.code


def test_joined_files_without_tags_lose_nothing(mp3):
    """All frames of joined files without tags are read, without a warning."""
    content, count = mp3()
    content = without_tag(content)
    assert 2 * count * 1152 - DELAY == len(mono_samples(content + content, 44100))


NOISE = np.random.default_rng(8).bytes(1 << 18)


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("fill", [bytes(1 << 18), NOISE], ids=["zeros", "noise"])
@pytest.mark.parametrize("length", ["half", 800])
def test_overwritten_parts_are_told(mp3, tagged, mode, fill, length):
    """A half or 800 bytes overwritten by zeros or noise lead to an error or a warning."""
    content = mp3(44100, 2, mode)[0] if tagged else without_tag(mp3(44100, 2, mode)[0])
    place = len(content) // 2 + 100
    length = len(content) - place if length == "half" else length
    changed = content[:place] + fill[:length] + content[place + length :]
    if tagged:
        with (
            warnings.catch_warnings(action="ignore"),
            pytest.raises(AudioError, match=r"has \d+ of the 264600 frames") as caught,
        ):
            mono_samples(changed, 44100)
        assert "truncated" == caught.value.code
    else:
        with pytest.warns(AudioWarning, match=r"has \d+ bytes (of zeros|behind|between)"):
            mono_samples(changed, 44100)


def test_overwritten_side_information_is_told(mp3):
    """Bytes overwritten inside a frame, behind its header, lead to a warning."""
    content = without_tag(mp3()[0])
    place = content.index(content[:2], len(content) // 2)
    changed = content[: place + 4] + NOISE[:17] + content[place + 21 :]
    with pytest.warns(
        AudioWarning, match=r"has \d MPEG frames of \d+ whose side information contr"
    ):
        samples = mono_samples(changed, 44100)
    assert len(mono_samples(content, 44100)) == len(samples)


@pytest.mark.parametrize("channels", [1, 2])
def test_beginning_inside_a_frame_is_read_with_a_warning(mp3, channels):
    """A file that begins and ends inside frames is read, with warnings of the bytes left out."""
    content, _ = mp3(44100, channels)
    content = without_tag(content)
    place = content.index(content[:2], len(content) // 4)
    with pytest.warns(AudioWarning) as caught:
        samples = mono_samples(content[place - 33 : -101], 44100)
    first, second = [str(warning.message) for warning in caught]
    assert (
        "bytes: has 33 bytes before its first frame that are not audio: they are left out" == first
    )
    assert "bytes: ends inside a frame, and its header does not claim a number of frames" in second
    whole = mono_samples(content, 44100)[:-1152]
    assert np.array_equal(whole[-40_000:], samples[-40_000:])


def test_many_zeros_behind_the_frames_are_told(mp3):
    """Zeros that may be lost sound are told if no tag states the number of frames."""
    content, count = mp3()
    message = f"has 5000 bytes of zeros behind its last frame, .* {count} frames are encoded"
    with pytest.warns(AudioWarning, match=message):
        samples = mono_samples(without_tag(content) + bytes(5000), 44100)
    assert np.array_equal(mono_samples(without_tag(content), 44100), samples)
    assert len(mono_samples(content + bytes(5000), 44100)) == 264_600


def free_format(content):
    """Return frames of a constant bit rate whose headers do not state it, and their number."""
    heads = bytes((content[2] & 0xFD, content[2] | 2))
    found = re.finditer(re.escape(content[:2]) + b"[" + re.escape(heads) + b"]", content)
    changed = bytearray(content)
    places = [match.start() for match in found]
    for place in places:
        changed[place + 2] &= 0x0F
    return bytes(changed), len(places)


@pytest.mark.parametrize("kind", ["tagged", "untagged", "zeros before", "inside a frame"])
@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_free_format_files_are_read(mp3, rate, kind):
    """A file whose headers do not state the bit rate has the samples of the file that does."""
    content, count = mp3(rate, 2, "CONSTANT")
    tag, frames = content[: -len(without_tag(content))], without_tag(content)
    free, changed = free_format(frames)
    assert count == changed
    expected = mono_samples(frames, rate)
    if kind == "inside a frame":
        with pytest.warns(AudioWarning, match="has 50 bytes before its first frame"):
            assert np.array_equal(expected, mono_samples(b"x" * 50 + free, rate))
    else:
        before = {"tagged": tag, "untagged": b"", "zeros before": bytes(900)}[kind]
        expected = mono_samples(content, rate) if kind == "tagged" else expected
        assert np.array_equal(expected, mono_samples(before + free, rate))


@pytest.mark.parametrize(
    ("head", "length", "samples", "every", "start"),
    [
        (b"\xff\xfd\xa0\x04", 626, 1152, 25, 0),  # layer II, 192 kbit/s, 44100 Hz, stereo
        (b"\xff\xf5\x48\xc4", 288, 1152, 25, 0),  # layer II, 32 kbit/s, 16000 Hz, mono
        (b"\xff\xff\x50\x04", 172, 384, 2, 1),  # layer I, 160 kbit/s, 44100 Hz, stereo
    ],
)
def test_frames_of_other_layers_are_counted(head, length, samples, every, start):
    """All frames of layer I and II are decoded if the limits allow the coding; it is named else."""
    # libmpg123 estimates the length from the first frame: it has padding in layer II.
    slot = 4 if samples == 384 else 1
    padded = head[:2] + bytes([head[2] | 2]) + head[3:]
    frames = [head.ljust(length, b"\0"), padded.ljust(length + slot, b"\0")]
    content = b"".join(frames[index % every == start] for index in range(100))
    coding = "MPEG_LAYER_II" if samples == 1152 else "MPEG_LAYER_I"
    with limits(codings=Limits().codings | {coding}), open_recording(content) as opened:
        assert 100 * samples == opened.length == sum(map(len, opened.blocks(1000)))
    with pytest.raises(AudioError, match=f"{coding} is not among the codings") as caught:
        mono_samples(content, 16000)
    assert "not-allowed" == caught.value.code


def test_files_without_frames_are_refused():
    """Bytes that begin like a header, and a tag without frames after it, are refused."""
    for content in (b"\xff\xfb\x90\x64" * 200, b"\xff\xfb\x10\0" + NOISE[:2000]):
        with pytest.raises(AudioError, match="no MPEG frames that follow each other") as caught:
            mono_samples(content, 16000)
        assert "unrecognized" == caught.value.code


def test_file_of_a_tag_alone_has_no_samples(mp3):
    """A file whose only frame is that of the tag has no samples."""
    content, _ = mp3()
    with pytest.raises(AudioError, match="no complete MPEG frame with sound") as caught:
        mono_samples(content[: content.index(content[:2], 100)], 44100)
    assert "empty-audio" == caught.value.code
