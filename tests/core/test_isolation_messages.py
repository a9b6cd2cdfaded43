"""The messages of worker processes: requests, replies, and exceptions as JSON values."""

import io
import json
import math
import pickle
import sys
import types
import warnings
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    DigestError,
    EncodeError,
    EncoderNotFoundError,
    NetEncoder,
    ParameterError,
    PluginConflictError,
    PluginWarning,
    PortError,
    SpecError,
    Varying,
)
from netencoders.facts import collected
from netencoders.isolation import IsolatedEncoder, frames
from netencoders.isolation.exceptions import (
    describe_error,
    describe_warning,
    give_warning,
    rebuild_error,
)
from netencoders.isolation.frames import ReplyError


def sent(value):
    """Return a value after it was sent as a request."""
    pipe = io.BufferedReader(io.BytesIO(b"".join(frames.request(value))))
    result = frames.read_request(pipe)()
    assert b"" == pipe.read()
    return result


def arrived(error):
    """Return an error after it was sent as a reply."""
    return rebuild_error(json.loads(json.dumps(describe_error(error))))


@pytest.mark.parametrize("value", [("a.wav",), ({}, b"bytes"), ({}, bytearray(b"x")), 1, ({}, b"")])
def test_request_keeps_its_value(value):
    """A request arrives with the same type and value."""
    result = sent(value)
    assert value == result
    if isinstance(value, tuple):
        assert [type(item) for item in value] == [type(item) for item in result]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("writable", [True, False])
def test_array_of_a_request_keeps_its_values_and_flags(order, writable):
    """An array arrives with its values, its order, and whether it may be written."""
    array = np.array([[1.5, 2, 3], [4, 5, 6]], order=order)
    array.flags.writeable = writable
    (result,) = sent((array,))
    assert np.array_equal(array, result)
    for flag in ("WRITEABLE", "C_CONTIGUOUS"):
        assert array.flags[flag] == result.flags[flag]


def test_large_inputs_of_a_request_are_not_copied():
    """Bytes and arrays are parts of a request, not copies."""
    content, array = bytes(100_000), np.ones(100_000)
    head, first, second = frames.request((content, array))
    assert len(head) < 1000
    assert np.shares_memory(np.frombuffer(first, "u1"), np.frombuffer(content, "u1"))
    assert np.shares_memory(np.frombuffer(second), array)


class Scattered:
    """A value whose buffer is not contiguous."""

    def __reduce_ex__(self, protocol):
        """Give a buffer, which pickle takes out of band."""
        return bytes, (pickle.PickleBuffer(np.arange(10, dtype="u1")[::2]),)


def test_buffer_that_is_not_contiguous_is_refused():
    """A buffer that cannot be sent raises the error of its type."""
    with pytest.raises(pickle.PicklingError, match="non-contiguous buffer"):
        frames.request(Scattered())


@pytest.mark.parametrize("size", [0, 3, 11, 12, 40])
def test_part_of_a_request_is_the_end(size):
    """A request that ends early raises EOFError."""
    content = b"".join(frames.request((np.ones(3), b"x")))[:size]
    with pytest.raises(EOFError):
        frames.read_request(io.BufferedReader(io.BytesIO(content)))


def test_part_of_a_buffer_is_the_end():
    """A request that ends in an array raises EOFError."""
    content = b"".join(frames.request((np.ones(3),)))[:-1]
    with pytest.raises(EOFError):
        frames.read_request(io.BufferedReader(io.BytesIO(content)))


ARRAYS = [
    np.array(7, np.int64),
    np.zeros((0, 3), np.float32),
    np.arange(6, dtype=np.complex64).reshape(2, 3).T,
    np.array([[True, False]]),
    np.arange(1_000_000, dtype=np.float64).reshape(-1, 2),  # more than one piece
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_array_of_a_reply_keeps_its_bits(array):
    """An array arrives with the same type, shape and bits, and can be written."""
    head, content = frames.array_reply(array)
    length, size = frames.parsed_header(head[: frames.REPLY.size])
    fields = frames.parsed_text(head[frames.REPLY.size :])
    assert (len(head) - frames.REPLY.size, len(content)) == (length, size)
    dims = (Varying, *array.shape[1:]) if array.shape else ()
    form = ArraySpec(dims, array.dtype.name, minimum=0)
    shape = frames.shape_of(fields, size, form)
    result = frames.read_array(io.BytesIO(content).readinto, size, shape, form.dtype)
    assert (array.dtype, array.shape, True) == (result.dtype, result.shape, result.flags.writeable)
    assert np.array_equal(array, result)


ERRORS = [
    EncodeError("no samples", code="empty", source="a\nb\udcff.wav", remedy="leave it out"),
    EncodeError("only a message", index=3),
    ParameterError("Toy", ["first.", "second."]),
    SpecError("bad key", source="a.yaml", line=3, column=4),
    DigestError("another digest"),
    PluginConflictError("taken twice", plugin="a 1.0"),
    EncoderNotFoundError("no encoder 'A'"),
    PortError("shapes differ"),
    ConnectionResetError(104, "Connection reset by peer"),
    FileNotFoundError(2, "No such file or directory", "a.wav"),
    KeyError("x"),
    ValueError(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error_keeps_its_class_and_fields(error):
    """An error arrives with its class, text, arguments, fields and notes."""
    error.add_note("a note")
    result = arrived(error)
    assert type(error) is type(result)
    assert str(error) == str(result)
    assert vars(error) == vars(result)
    assert error.args == result.args
    for name in ("errno", "filename"):
        assert getattr(error, name, None) == getattr(result, name, None)


def test_unknown_class_becomes_its_known_base():
    """An error of a class that is not imported here has the class of its base."""
    described = describe_error(EncodeError("bad", code="odd"))
    described["classes"].insert(0, "elsewhere:OddError")
    result = rebuild_error(described)
    assert (EncodeError, "bad", "odd") == (type(result), result.message, result.code)
    described = describe_error(OSError("gone"))
    described["classes"].insert(0, "elsewhere:NetworkError")
    result = rebuild_error(described)
    assert (OSError, "NetworkError: gone") == (type(result), str(result))


def test_class_that_needs_other_arguments_becomes_its_base():
    """A built-in error that cannot be made of its text becomes its base class."""
    result = arrived(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"))
    assert UnicodeError is type(result)
    assert str(result).startswith("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff")


class LostError(EncodeError):
    """An error whose text needs an attribute that is not sent."""

    def __str__(self):
        """Use the attribute."""
        return f"lost {self.attribute}"


def test_error_whose_text_fails_becomes_its_base():
    """An error that does not work without further attributes becomes its base class."""
    error = LostError("message", code="lost")
    error.attribute = 5
    result = arrived(error)
    assert (EncodeError, "message", "lost") == (type(result), result.message, result.code)


def test_no_other_attribute_is_set():
    """Only known fields are set, and no class is imported or taken from elsewhere."""
    described = describe_error(EncodeError("bad"))
    described["fields"] |= {"__class__": "x", "more": 1}
    assert vars(EncodeError("bad")) == vars(rebuild_error(described))
    described["classes"] = ["os:system", "builtins:eval", "builtins:SystemExit", "this:Error"]
    with pytest.raises(ReplyError, match=r"^an error of an unknown class$"):
        rebuild_error(described)
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": "EncodeError"}, "no list of texts as 'classes'"),
        ({"classes": [1]}, "no list of texts as 'classes'"),
        ({"text": None}, "no text as 'text'"),
        ({"notes": None}, "no list of texts as 'notes'"),
        ({"fields": []}, "an error without fields"),
        ({"fields": {}}, "no text as 'message'"),
        ({"fields": {"message": "a", "code": 5}}, "no text as 'code'"),
        ({"fields": {"message": "a", "code": "b", "index": -1}}, "no number as 'index'"),
        ({"fields": {"message": "a", "code": "b", "index": True}}, "no number as 'index'"),
        ({"fields": {"message": "a", "code": "b", "source": {}}}, "no text as 'source'"),
    ],
)
def test_error_without_its_form_is_no_reply(changes, message):
    """An error with a field of a wrong type is no reply."""
    with pytest.raises(ReplyError, match=f"^{message}$"):
        rebuild_error({**describe_error(EncodeError("bad")), **changes})


class Silent:
    """A value without a text."""

    def __str__(self):
        """Fail."""
        raise RuntimeError


def test_long_or_broken_texts_are_shortened():
    """Long texts are shortened, so that the reply is never too long; broken ones are replaced."""
    long = "\N{MUSICAL SYMBOL G CLEF}" * 1_000_000
    errors = [EncodeError(long, code=long, source=long, remedy=long), ParameterError(long, [long])]
    errors += [ParameterError("Toy", ["short."] * 100_000), EncodeError(Silent()), ValueError(long)]
    for error in errors:
        for _ in range(100):
            error.add_note(long)
        reply = frames.reply("error", describe_error(error))
        assert len(reply) < frames.MAX_TEXT
        assert type(error) is type(arrived(error))
    assert arrived(errors[0]).message.endswith("... (1000000 characters)")
    assert arrived(errors[2]).problems[-1].endswith(" more.")
    assert "Silent, whose text raises RuntimeError" == arrived(errors[3]).message


def given(reply):
    """Return the warnings that a reply gives."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        give_warning(reply)
    return [(item.category, str(item.message), item.filename, item.lineno) for item in found]


def test_warning_keeps_its_place_if_its_module_is_imported():
    """The file of a warning is that of an imported module; else it is the name of the module."""
    reply = describe_warning(PluginWarning("odd"), frames.__file__, 7)
    assert [(PluginWarning, "odd", frames.__file__, 7)] == given(reply)
    reply = describe_warning(UserWarning("odd"), "/elsewhere/module.py", 7)
    assert [(UserWarning, "odd", "</elsewhere/module>", 7)] == given(reply)
    assert [(UserWarning, "odd", "<sys>", 7)] == given({**reply, "module": "sys"})


class OddWarning(DeprecationWarning):
    """A warning that cannot be made of a text."""

    def __init__(self, number, other):
        super().__init__(f"{number} and {other}")


def test_unknown_warning_becomes_its_known_base():
    """A class that is not imported, or needs other arguments, is named in the text."""
    reply = describe_warning(OddWarning(1, 2), frames.__file__, 7)
    assert [(DeprecationWarning, "OddWarning: 1 and 2", frames.__file__, 7)] == given(reply)
    reply = {**reply, "classes": ["elsewhere:NewWarning", "builtins:UserWarning"]}
    assert [(UserWarning, "NewWarning: 1 and 2", frames.__file__, 7)] == given(reply)
    with pytest.raises(ReplyError, match=r"^a warning of an unknown class$"):
        give_warning({**reply, "classes": ["os:system", "builtins:ValueError"]})


@pytest.mark.parametrize("line", [-1, 1 << 31, "7", None])
def test_warning_without_a_line_is_no_reply(line):
    """A warning with a line that is no number is no reply."""
    reply = {**describe_warning(UserWarning("odd"), "a.py", 7), "line": line}
    with pytest.raises(ReplyError, match=r"^no number as 'line'$"):
        give_warning(reply)


def test_module_that_is_imported_late_is_not_touched(monkeypatch):
    """A lazy module of the caller is not imported in order to give a warning."""

    class Lazy(types.ModuleType):
        """A module that fails when it is used."""

        def __getattribute__(self, name):
            """Fail."""
            raise AssertionError(name)

    monkeypatch.setitem(sys.modules, "lazy", Lazy("lazy"))
    reply = {**describe_warning(UserWarning("odd"), "a.py", 7), "module": "lazy"}
    assert [(UserWarning, "odd", "<lazy>", 7)] == given(reply)


def test_facts_are_sent_as_numbers():
    """Numbers of numpy become those of Python; others, and long names, are left out."""
    facts = {"a": np.float64(1.5), "b": np.int32(2), "c": math.inf, "d": "x", "e" * 101: 1, "f": 3}
    text = frames.reply("done", frames.described(facts))[frames.REPLY.size :]
    assert {"a": 1.5, "b": 2, "f": 3} == frames.facts_of(frames.parsed_text(text))
    assert {} == frames.facts_of(frames.parsed_text(b'{"kind": "done"}'))
    many = frames.described(dict.fromkeys(map(str, range(200)), 1))
    assert 100 == len(frames.facts_of(many))


def test_facts_of_a_worker_process_are_stated():
    """A caller collects the facts of an isolated input, and not those of another one."""
    encoder, data = NetEncoder("AudioSpectrogram"), Path(__file__).parents[1] / "data"
    isolated = IsolatedEncoder(encoder, 60)
    with closing(isolated):
        for name in ("speech_16k_mono.wav", "none.wav"):
            with collected() as expected, suppress(EncodeError):
                encoder(str(data / name))
            with collected() as facts, suppress(EncodeError):
                isolated.encode(str(data / name))
            assert expected == facts
            assert ({"rate", "duration"} if name != "none.wav" else set()) == facts.keys()
