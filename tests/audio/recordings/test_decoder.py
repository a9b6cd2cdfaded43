"""The handle over libsndfile: names, values, errors, and its ownership of files."""

import contextlib
import gc
import io
import os
import signal
import threading
import weakref

import numpy as np
import pytest
import soundfile

import netencoders_audio.recordings.decoder as module
from netencoders.origins import is_of_signal_handler
from netencoders_audio import AudioError
from netencoders_audio.files.content import OpenFile, RestOfFile
from netencoders_audio.files.descriptors import Descriptor, copied
from netencoders_audio.recordings.decoder import LOST_SYNC, Decoder, DecoderError, error_text

KINDS = [("WAV", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)]


def in_memory(content):
    """Return a content that the decoder reads by a descriptor."""
    return OpenFile(copied(RestOfFile(io.BytesIO(content))))


def by_functions(content):
    """Return a content that the decoder reads by functions in Python."""
    return RestOfFile(io.BytesIO(content))


WAYS = [in_memory, by_functions]


def decoded(decoder, dtype="float32", size=1000):
    """Return all frames."""
    blocks = []
    while True:
        buffer = np.empty((size, decoder.channels), dtype)
        count, code = decoder.read(buffer)
        assert 0 == code
        if not count:
            return np.concatenate([np.empty((0, decoder.channels), dtype), *blocks])
        blocks.append(buffer[:count])


def test_private_names_of_soundfile_exist():
    """Soundfile has the names that the handle uses, also in its oldest supported version."""
    functions = {
        "sf_open_fd", "sf_open_virtual", "sf_readf_short", "sf_readf_float", "sf_seek",
        "sf_error", "sf_error_number", "sf_close",
    }  # fmt: skip
    assert functions <= set(dir(soundfile._snd))
    assert {"SF_INFO", "SF_VIRTUAL_IO"} <= set(soundfile._ffi.list_types()[0])
    kinds = {f"sf_vio_{name}" for name in ("get_filelen", "seek", "read", "tell")}
    assert kinds <= set(soundfile._ffi.list_types()[0])
    assert module.READ_ONLY == soundfile._snd.SFM_READ
    assert (0x0FFF0000, 0xFFFF) == (
        soundfile._snd.SF_FORMAT_TYPEMASK,
        soundfile._snd.SF_FORMAT_SUBMASK,
    )
    assert 0x170000 == soundfile._formats["FLAC"]
    assert 0x0060 == soundfile._subtypes["VORBIS"]
    assert set(soundfile._formats.values()).isdisjoint(soundfile._subtypes.values())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "coding"), KINDS)
def test_frames_and_names_are_those_of_soundfile(recording, way, kind, coding):
    """The handle gives the frames, the form and the names that soundfile's own class gives."""
    path = recording(16000, 2, kind, coding)
    with soundfile.SoundFile(path) as expected:
        decoder = Decoder(way(path.read_bytes()))
        assert (expected.samplerate, expected.channels) == (decoder.rate, decoder.channels)
        assert (expected.format, expected.subtype) == (decoder.container, decoder.coding)
        assert expected.frames == decoder.frames
        samples = expected.read(dtype="float32")
        np.testing.assert_array_equal(samples, decoded(decoder), strict=True)


def test_16_bits_are_read_as_they_are(recording, frames):
    """Samples of 16 bits are read as int16."""
    decoder = Decoder(in_memory(recording(16000, 2, "WAV", "PCM_16").read_bytes()))
    np.testing.assert_array_equal(frames(16000, 2), decoded(decoder, "int16"), strict=True)


@pytest.mark.parametrize("way", WAYS)
def test_seek_moves_to_a_frame(recording, frames, way):
    """After `seek` the next frame is the given one; past the end it fails."""
    decoder = Decoder(way(recording(16000, 2, "FLAC").read_bytes()))
    assert decoder.seek(5000)
    np.testing.assert_array_equal(frames(16000, 2)[5000:], decoded(decoder, "int16"), strict=True)
    assert not decoder.seek(1 << 40)


@pytest.mark.parametrize("way", WAYS)
def test_unknown_format_has_its_code(way):
    """An unknown format has libsndfile's code and its sentence."""
    with pytest.raises(DecoderError, match=r"^Format not recogni[sz]ed$") as caught:
        Decoder(way(b"no sound at all" * 99))
    assert module.UNRECOGNIZED == caught.value.code


def test_error_of_a_frame_has_its_code_and_the_frames_before_it(recording, frames):
    """A read that fails gives the frames before the damage, and the code of libsndfile."""
    content = recording(16000, 1, "FLAC").read_bytes()
    decoder = Decoder(in_memory(content[: len(content) // 2]))
    buffer = np.empty((30_000, 1), np.int16)
    count, code = decoder.read(buffer)
    assert LOST_SYNC == code
    assert "flac decoder lost sync" in error_text(code)
    assert 0 < count < 15_000
    np.testing.assert_array_equal(frames(16000, 1)[:count], buffer[:count])


def test_descriptor_is_read_from_its_first_byte(recording, tmp_path):
    """The position of the descriptor does not matter."""
    path = recording(16000, 1, "WAV")
    descriptor = Descriptor(os.open(path, os.O_RDONLY))
    os.lseek(descriptor, 999, os.SEEK_SET)
    content = OpenFile(descriptor)
    expected = decoded(Decoder(content), "int16")
    np.testing.assert_array_equal(expected, decoded(Decoder(content), "int16"))


# ---------------------------------------------------------------- exceptions
class OwnError(Exception):
    """An exception of a source."""


class Failing(io.BytesIO):
    """A file object whose reads fail after some bytes."""

    def __init__(self, content, problem, fails_after):
        super().__init__(content)
        self.problem, self.fails_after = problem, fails_after

    def read(self, size=-1):
        """Read, or raise the exception."""
        if self.tell() + size > self.fails_after:
            raise self.problem
        return super().read(size)


@pytest.mark.parametrize("fails_after", [0, 20_000])
@pytest.mark.parametrize(
    "problem", [OSError("Stale"), OwnError(), KeyboardInterrupt(), SystemExit()]
)
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_exception_of_a_function_is_raised(recording, capfd, kind, problem, fails_after):
    """An exception inside libsndfile's functions is raised after the call, and not printed."""
    content = Failing(recording(16000, 2, kind).read_bytes(), problem, fails_after)
    with pytest.raises(type(problem)) as caught:
        decoded(Decoder(RestOfFile(content)))
    assert problem is caught.value
    assert ("", "") == capfd.readouterr()


def test_exception_of_a_function_is_raised_once(recording):
    """After an exception the next call of libsndfile is made as usual."""
    content = Failing(recording(16000, 2, "WAV").read_bytes(), OwnError(), 1 << 30)
    decoder = Decoder(RestOfFile(content))
    content.fails_after = 0
    buffer = np.empty((9000, 2), np.int16)
    with pytest.raises(OwnError):
        decoder.read(buffer)
    with pytest.raises(OwnError):
        decoder.read(buffer)
    content.fails_after = 1 << 30
    assert (9000, 0) == decoder.read(buffer)


def test_exception_without_a_value_is_kept():
    """Cffi may pass the class and the argument of an exception instead of the exception."""
    for kind, value, expected in (
        (KeyboardInterrupt, None, KeyboardInterrupt()),
        (OSError, "gone", OSError("gone")),
    ):
        reader = module._Reader(RestOfFile(io.BytesIO()), None)
        reader.keep(kind, value, None)
        reader.keep(ValueError, ValueError("a later one"), None)
        with pytest.raises(kind) as caught:
            reader.check()
        assert expected.args == caught.value.args
        reader.check()


@pytest.mark.parametrize("place", ["size", "seek", "tell", "read"])
def test_exception_of_a_signal_handler_in_a_function_is_raised(recording, monkeypatch, place):
    """A signal handler may interrupt any of the functions."""

    def handler(*_):
        raise OwnError

    method = getattr(module._Reader, place)

    def interrupted(self, *arguments):
        signal.raise_signal(signal.SIGUSR1)
        return method(self, *arguments)

    before = signal.signal(signal.SIGUSR1, handler)
    monkeypatch.setattr(module._Reader, place, interrupted)
    with pytest.raises(OwnError) as caught:
        Decoder(by_functions(recording(16000, 1, "FLAC").read_bytes()))
    signal.signal(signal.SIGUSR1, before)
    assert is_of_signal_handler(caught.value)


# ---------------------------------------------------------------- ownership
def is_open(number):
    """Return whether a descriptor is open."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def opened(path):
    """Return the number of a descriptor, and the decoder that has its only reference."""
    content = OpenFile(Descriptor(os.open(path, os.O_RDONLY)))
    return int(content.descriptor), Decoder(content)


def test_closed_decoder_frees_its_file(recording):
    """`close`, or the last reference, frees the file, and a second `close` does nothing."""
    number, decoder = opened(recording())
    assert is_open(number)
    decoder.close()
    assert not is_open(number)
    other = os.open(os.devnull, os.O_RDONLY)
    assert number == other
    decoder.close()
    del decoder
    assert is_open(other)
    os.close(other)
    number, decoder = opened(recording())
    del decoder
    assert not is_open(number)


def test_decoder_of_functions_is_freed_at_once(recording):
    """The functions in Python and their decoder form no cycle of references."""
    decoder = Decoder(by_functions(recording().read_bytes()))
    reader = weakref.ref(decoder._virtual.reader)
    gc.disable()
    try:
        decoder.close()
        assert reader() is None
    finally:
        gc.enable()


def test_failed_opening_keeps_no_file_open(tmp_path):
    """The traceback of the error does not keep the file open."""
    path = tmp_path / "text"
    path.write_bytes(b"text" * 999)
    content = OpenFile(Descriptor(os.open(path, os.O_RDONLY)))
    number = int(content.descriptor)
    with pytest.raises(DecoderError) as caught:
        Decoder(content)
    content.close()
    assert not is_open(number)
    assert caught.value.__traceback__ is not None


def test_closed_decoder_cannot_be_used(recording):
    """Reading and seeking after `close` are errors."""
    _, decoder = opened(recording())
    decoder.close()
    for action in (lambda: decoder.read(np.empty((9, 1), "f4")), lambda: decoder.seek(0)):
        with pytest.raises(ValueError, match=r"^the decoder is closed$"):
            action()


def test_file_stays_open_while_a_thread_reads_it(recording, frames, monkeypatch):
    """A decoder that another thread closes during a read is freed after the read.

    The call of libsndfile begins after the `close`, and after another file could have taken the
    number of the descriptor.
    """
    number, decoder = opened(recording(16000, 2, "WAV"))
    library = module._library()
    seen = []

    class Slow:
        def __getattr__(self, name):
            function = getattr(library.snd, name)
            if name != "sf_readf_short":
                return function

            def read(*arguments):
                closer = threading.Thread(target=decoder.close)
                closer.start()
                closer.join()
                other = os.open(os.devnull, os.O_RDONLY)
                seen.append((is_open(number), number != other))
                os.close(other)
                return function(*arguments)

            return read

    decoder._library = library._replace(snd=Slow())
    buffer = np.empty((3000, 2), np.int16)
    assert (3000, 0) == decoder.read(buffer)
    np.testing.assert_array_equal(frames(16000, 2)[:3000], buffer)
    assert [(True, True)] == seen
    assert not is_open(number)


def test_threads_may_close_a_decoder_at_any_time(recording, frames):
    """A thread reads while another one closes: the frames are right, or the decoder is closed."""
    expected = frames(44100, 2)
    path = recording(44100, 2, "FLAC")
    for delay in np.random.default_rng(0).uniform(0, 2e-3, 100):
        _, decoder = opened(path)
        closer = threading.Timer(delay, decoder.close)
        closer.start()
        buffer = np.empty((5000, 2), np.int16)
        place = 0
        with contextlib.suppress(ValueError):  # the decoder is closed
            while count := decoder.read(buffer)[0]:
                np.testing.assert_array_equal(expected[place : place + count], buffer[:count])
                place += count
        closer.join()


def test_error_of_the_content_reaches_the_caller(recording):
    """An AudioError of the content is raised as it is."""

    class Broken(RestOfFile):
        def read_at(self, offset, count):
            raise AudioError("gone", code="unreadable")

    with pytest.raises(AudioError, match=r"^gone$") as caught:
        Decoder(Broken(io.BytesIO(recording().read_bytes())))
    assert "unreadable" == caught.value.code
