"""The scan of FLAC frames finds each change of the form, and nothing in valid files.

The files are written by hand: their frames contain the samples without compression.
"""

import io

import numpy as np
import pytest
import soundfile

from netencoders_audio import AudioError, AudioWarning, mono_samples
from netencoders_audio.files import flac_scan
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.flac import read_flac
from netencoders_audio.files.flac_frames import frame_ends, frame_header, is_whole

BITS = {8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7}


def checksum(data, polynomial, width):
    """Return the checksum of RFC 9639, bit by bit."""
    check = 0
    for byte in data:
        check ^= byte << (width - 8)
        for _ in range(8):
            check <<= 1
            if check >> width:
                check ^= 1 << width | polynomial
    return check


def coded(number):
    """Return the bytes of the number of a frame, below 2**16."""
    if number < 0x80:
        return bytes([number])
    if number < 0x800:
        return bytes([0xC0 | number >> 6, 0x80 | number & 63])
    return bytes([0xE0 | number >> 12, 0x80 | number >> 6 & 63, 0x80 | number & 63])


def frame(samples, number, *, rate=(0, b""), bits=16, bits_code=None, variable=False):
    """Return a frame; `rate` is the code of the rate and the bytes after the header's size."""
    count, channels = samples.shape
    bits_code = BITS[bits] if bits_code is None else bits_code
    code, stated = rate
    head = bytes([0xFF, 0xF8 | variable, 0x70 | code, (channels - 1) << 4 | bits_code << 1])
    head += coded(number) + (count - 1).to_bytes(2) + stated
    head += bytes([checksum(head, 0x07, 8)])
    text = ""
    for channel in samples.T:
        text += "00000010" + "".join(
            f"{int(value) & (1 << bits) - 1:0{bits}b}" for value in channel
        )
    text += "0" * (-len(text) % 8)
    data = head + int(text, 2).to_bytes(len(text) // 8)
    return data + checksum(data, 0x8005, 16).to_bytes(2)


def header(total, *, rate=16000, channels=1, bits=16, block=256):
    """Return the magic and STREAMINFO of a file."""
    packed = rate << 44 | channels - 1 << 41 | bits - 1 << 36 | total
    return b"fLaC\x80\0\0\x22" + block.to_bytes(2) * 2 + bytes(6) + packed.to_bytes(8) + bytes(16)


def blocks(count=6, channels=1, bits=16):
    """Return the samples of some frames."""
    random = np.random.default_rng(bits)
    limit = 1 << (bits - 1)
    return random.integers(-limit, limit, (count, 256, channels))


def check(content, code, message):
    """Check the error for a file."""
    with pytest.raises(AudioError) as caught:
        mono_samples(content, 16000)
    assert (code, message) == (caught.value.code, caught.value.message)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("rate", "stated"),
    [
        (16000, (5, b"")), (16000, (0, b"")), (16000, (12, b"\x10")), (16000, (13, b"\x3e\x80")),
        (16000, (14, b"\x06\x40")), (44100, (9, b"")), (11025, (13, b"\x2b\x11")),
        (176400, (2, b"")), (655_350, (14, b"\xff\xff")), (12345, (0, b"")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("bits_code", [0, 4])
@pytest.mark.parametrize("variable", [False, True])
def test_frames_that_state_their_form_are_read(rate, stated, bits_code, variable):
    """Frames that state the rate and bits of the header in any way, or not, are read."""
    samples = blocks()
    content = header(6 * 256, rate=rate) + b"".join(
        frame(
            block, k * 256 if variable else k, rate=stated, bits_code=bits_code, variable=variable
        )
        for k, block in enumerate(samples)
    )
    assert np.array_equal(samples.reshape(-1) / 32768, mono_samples(content, rate))
    file = RestOfFile(io.BytesIO(content))
    assert (file,) == read_flac(file).parts


CHANGES = {
    "rate by a code": ({"rate": (8, b"")}, 1, "32000 Hz, 1 channel, 16 bits"),
    "rate in kHz": ({"rate": (12, b"\x20")}, 1, "32000 Hz, 1 channel, 16 bits"),
    "rate in Hz": ({"rate": (13, b"\x3e\x81")}, 1, "16001 Hz, 1 channel, 16 bits"),
    "rate in 10 Hz": ({"rate": (14, b"\x06\x41")}, 1, "16010 Hz, 1 channel, 16 bits"),
    "channels": ({}, 2, "16000 Hz, 2 channels, 16 bits"),
    "bits": ({"bits": 24}, 1, "16000 Hz, 1 channel, 24 bits"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("changed", [[1], [3], [2, 3], [3, 4, 5], [5]])
@pytest.mark.parametrize("claim", [6 * 256, 0])
@pytest.mark.parametrize("behind", [b"", b"TAG" + bytes(125), b"\x37" * 800])
def test_frames_of_another_form_are_refused(change, changed, claim, behind):
    """A frame of another rate, number of channels or bits is an error that has its position."""
    more, channels, form = CHANGES[change]
    frames = []
    for k, block in enumerate(blocks()):
        other = more | {"samples": np.repeat(block, channels, 1)} if k in changed else {}
        frames.append(frame(**({"samples": block, "rate": (5, b"")} | other), number=k))
    content = header(claim)
    place = len(content + b"".join(frames[: changed[0]]))
    message = (
        f"the frame at byte {place} has another sample rate or number of channels or bits than "
        f"the frames before it: {form} instead of 16000 Hz, 1 channel, 16 bits"
    )
    check(content + b"".join(frames) + behind, "malformed", message)


def test_frames_of_another_form_than_the_header_are_refused():
    """A header that states another rate than all frames is an error that names both."""
    frames = [frame(block, k, rate=(4, b"")) for k, block in enumerate(blocks())]
    content = header(6 * 256) + b"".join(frames)
    message = (
        "its frames have 8000 Hz, 1 channel, 16 bits, but its header has 16000 Hz, 1 channel, "
        "16 bits"
    )
    check(content, "malformed", message)


@pytest.mark.parametrize("size", [256, 1000, 4096])
def test_changes_at_the_edges_of_pieces_are_found(monkeypatch, size):
    """A change is found at each position relative to the pieces that the scan reads."""
    frames = [frame(block, k) for k, block in enumerate(blocks(20))]
    frames[12] = frame(blocks(1)[0], 12, rate=(9, b""))
    content = header(0) + b"".join(frames)
    for shift in range(20):
        monkeypatch.setattr(flac_scan, "_PIECE", size + shift)
        with pytest.raises(AudioError, match=f"byte {len(header(0) + b''.join(frames[:12]))} has"):
            read_flac(RestOfFile(io.BytesIO(content)))


@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24])
@pytest.mark.parametrize("claim", [6 * 256, 0])
def test_depths_are_exact(bits, claim):
    """FLAC of 8, 12, 16, 20 and 24 bits has full scale 1."""
    samples = blocks(bits=bits)
    content = header(claim, bits=bits) + b"".join(
        frame(block, k, bits=bits) for k, block in enumerate(samples)
    )
    assert np.array_equal(samples.reshape(-1) / 2 ** (bits - 1), mono_samples(content, 16000))


@pytest.mark.parametrize("bits", [4, 7, 9, 15, 17, 23, 25, 31, 32])
def test_other_depths_are_read_by_another_decoder(bits):
    """FLAC of any other number of bits is read by PyAV, also of frames that do not state them."""
    pytest.importorskip("av")
    samples = blocks(bits=bits)
    frames = [frame(block, k, bits=bits, bits_code=0) for k, block in enumerate(samples)]
    content = header(6 * 256, bits=bits) + b"".join(frames)
    expected = (samples.reshape(-1) / 2 ** (bits - 1)).astype(np.float32)
    assert np.array_equal(expected, mono_samples(content, 16000))


def test_damaged_frames_of_other_depths_are_named():
    """FLAC of other depths that is cut, damaged, or has another number of frames is named."""
    samples = blocks(bits=17)
    frames = [frame(block, k, bits=17, bits_code=0) for k, block in enumerate(samples)]
    whole = header(6 * 256, bits=17) + b"".join(frames)
    damaged = bytearray(whole)
    damaged[-len(frames[5]) - 30] ^= 1
    cut = "has 1280 of the 1536 frames that its header claims"
    for content, code, message in (
        (whole[:-9], "truncated", cut),
        (header(0, bits=17) + b"".join(frames)[:-9], "truncated", "ends after 1280 frames, inside"),
        (bytes(damaged), "malformed", r"the checksum of the frame at byte \d+ is wrong"),
        (header(0, bits=17) + bytes(99) + frames[0], "malformed", "no frame begins at byte 42"),
        (header(0, bits=17) + frames[3], "malformed", "has the number 3, not 0"),
        (whole[:30], "truncated", "has 0 of the 1536 frames that its header claims"),
    ):
        with pytest.raises(AudioError, match=message) as caught:
            mono_samples(content, 16000)
        assert code == caught.value.code
    with pytest.warns(AudioWarning, match="has 1536 frames, but its header claims 512"):
        assert 1536 == len(mono_samples(header(512, bits=17) + b"".join(frames), 16000))


def test_frame_of_12_bits_that_does_not_state_them_is_named():
    """FLAC of 12 bits is refused if a later frame does not state them: libsndfile needs them."""
    frames = [frame(block, k, bits=12) for k, block in enumerate(blocks(bits=12))]
    frames[3] = frame(blocks(bits=12)[3], 3, bits=12, bits_code=0)
    message = (
        "its coding is FLAC of 12 bits with frames that do not state them, which cannot be decoded"
    )
    for total in (6 * 256, 0):
        check(header(total, bits=12) + b"".join(frames), "unsupported-coding", message)


def test_bytes_that_look_like_a_header_are_not_a_frame(monkeypatch):
    """A header of another form inside a frame is not a change: its frame has no checksum."""
    block = blocks(1)[0]
    alien = frame(block, 7, rate=(8, b""))[:16]
    block[100:108, 0] = np.frombuffer(alien, ">i2")
    content = header(512) + frame(block, 0) + frame(block, 1)
    asked = []
    is_frame = flac_scan._is_frame
    monkeypatch.setattr(flac_scan, "_is_frame", lambda *of: asked.append(of) or is_frame(*of))
    file = RestOfFile(io.BytesIO(content))
    assert (file,) == read_flac(file).parts
    assert 2 == len(asked)
    assert np.array_equal(np.tile(block[:, 0], 2) / 32768, mono_samples(content, 16000))


def test_frame_inside_another_frame_is_no_change():
    """A whole frame of another form, as the samples of a frame, is not a change."""
    alien = frame(blocks(1)[0], 7, rate=(8, b""))
    alien += bytes(len(alien) % 2)
    block = np.zeros((4096, 1), int)
    block[100 : 100 + len(alien) // 2, 0] = np.frombuffer(alien, ">i2")
    content = header(3 * 4096, block=4096) + b"".join(frame(block, k) for k in range(3))
    assert np.array_equal(np.tile(block[:, 0], 3) / 32768, mono_samples(content, 16000))


def test_header_with_a_damaged_number_is_no_header():
    """The bytes of a number after the first one begin with the bits 10, as in UTF-8."""
    head = frame(blocks(1)[0], 300)[:9]
    assert 300 == frame_header(head, 256).number
    damaged = head[:5] + bytes([head[5] ^ 0x80]) + head[6:8]
    assert frame_header(damaged + bytes([checksum(damaged, 0x07, 8)]), 256) is None


def test_many_bytes_that_look_like_headers_are_refused_fast(monkeypatch):
    """A file that is full of headers of another form is refused after some checks."""
    block = np.zeros((60_000, 1), int)
    alien = np.frombuffer(frame(blocks(1)[0], 7, rate=(8, b""))[:16], ">i2")
    block[: 8 * 7000, 0] = np.tile(alien, 7000)
    checks = []
    is_frame = flac_scan._is_frame
    monkeypatch.setattr(flac_scan, "_is_frame", lambda *of: checks.append(of) or is_frame(*of))
    with pytest.raises(AudioError, match="another sample rate"):
        read_flac(RestOfFile(io.BytesIO(header(0) + frame(block, 0))))
    assert 64 == len(checks)


@pytest.mark.parametrize("length", range(4, 20))
def test_incomplete_last_header_is_no_problem(length):
    """A header of any rate that is cut at the end of the file raises no other error."""
    for stated in ((12, b"\x10"), (13, b"\x3e\x80"), (14, b"\x06\x40")):
        frames = [frame(block, k, rate=stated) for k, block in enumerate(blocks())]
        cut = header(6 * 256) + b"".join(frames[:-1]) + frames[-1][:length]
        findings = read_flac(RestOfFile(io.BytesIO(cut)))
        assert 6 * 256 == findings.claimed


def test_valid_files_give_no_note():
    """Files of noise, tones and silence, of any level and rate, are given to the decoder as is."""
    random = np.random.default_rng(0)
    sounds = {
        "noise": random.integers(-32768, 32768, (40_000, 2)).astype(np.int16),
        "bytes of ones": np.full((40_000, 1), -1, np.int16),
        "syncs": np.tile(np.array([[-1], [-8], [-7], [-1793]], np.int16), (10_000, 1)),
        "silence": np.zeros((40_000, 2), np.int16),
    }
    for sound in sounds.values():
        for rate in (8000, 11025, 44100, 37_800):
            for level in (0, 0.5, 1):
                file = io.BytesIO()
                soundfile.write(file, sound, rate, format="FLAC", compression_level=level)
                file.seek(0)
                content = RestOfFile(file)
                findings = read_flac(content)
                assert ((content,), ()) == (findings.parts, findings.notes)


def test_checksum_of_a_frame_is_checked():
    """The fast check of a frame agrees with the definition, also if zeros follow the frame."""
    random = np.random.default_rng(0)
    for size in [*range(1, 70), 1000, 5001]:
        data = random.bytes(size)
        right = checksum(data, 0x8005, 16)
        whole = data + right.to_bytes(2)
        assert is_whole(whole)
        assert is_whole(whole + bytes(size % 50))
        assert len(whole) in frame_ends(whole + random.bytes(9))
        for bit in range(16):
            assert not is_whole(data + (right ^ 1 << bit).to_bytes(2))
        assert not is_whole(bytes([data[0] ^ 1]) + whole[1:])
        # Both factors of the polynomial: x^15 + x + 1, and x + 1.
        for factor in (0x8003, 3):
            assert not is_whole((int.from_bytes(whole) ^ factor).to_bytes(len(whole)))
