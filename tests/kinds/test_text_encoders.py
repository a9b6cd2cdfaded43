"""The encoders Characters, UTF8 and Tokens."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import Asset, Automatic, EncodeError, NetEncoder, ParameterError
from netencoders.cli import main
from netencoders_core.alphabets import default_alphabet, folded
from netencoders_core.codes import MAX_CODE
from netencoders_core.encoders import texts

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def refused(encoder: NetEncoder, value: Any) -> EncodeError:
    """Return the error of an input."""
    with pytest.raises(EncodeError) as caught:
        encoder(value)
    return caught.value


def restored(encoder: NetEncoder) -> NetEncoder:
    """Return the encoder of the spec of an encoder."""
    again = NetEncoder.from_yaml(encoder.to_yaml())
    assert encoder == again
    return again


def problem(name: str, *values: Any, **parameters: Any) -> str:
    """Return the problems of a declaration."""
    with pytest.raises(ParameterError) as caught:
        NetEncoder(name, *values, **parameters)
    return str(caught.value)


@given(st.text("abç中😀"))
def test_codes_of_characters_are_places(text: str) -> None:
    """The code of a character is its place in the alphabet, counted from 0."""
    array = NetEncoder("Characters", "abç中😀")(text)
    assert np.int64 == array.dtype
    assert ["abç中😀".index(each) for each in text] == array.tolist()


def test_default_alphabet_is_printable_ascii() -> None:
    """Tab, line feed, and the characters from space to tilde; no upper case without case."""
    assert "\t\n" + bytes(range(32, 127)).decode() == default_alphabet(False)
    assert default_alphabet(False) == NetEncoder("Characters").resolved["Alphabet"]
    assert 71 == len(NetEncoder("Characters", IgnoreCase=True).resolved["Alphabet"])


@pytest.mark.parametrize("given", [["b", "a"], ("b", "a"), "ba"])
def test_alphabet_is_a_text_or_a_list(given: Any) -> None:
    """The canonical form is a text."""
    assert "ba" == NetEncoder("Characters", given).parameters["Alphabet"]


def test_alphabet_may_be_a_file(tmp_path: Path) -> None:
    """The lines of a file are characters; a wrong file is named."""
    (tmp_path / "a.txt").write_text("b\na\n")
    assert NetEncoder("Characters", "ba") == NetEncoder("Characters", Asset(tmp_path / "a.txt"))
    (tmp_path / "b.txt").write_text("ab\n")
    assert "Element 0 is 'ab', not one character." in problem(
        "Characters", Asset(tmp_path / "b.txt")
    )
    (tmp_path / "c.bin").write_text("ab\n")
    text = problem("Characters", Asset(tmp_path / "c.bin"))
    assert f"{tmp_path / 'c.bin'}: the name of the file must end in .txt or .json." in text


@pytest.mark.parametrize(
    ("alphabet", "message"),
    [
        ("", "'Alphabet' must be a text of different characters, a list of them, an Asset"),
        ([], "It has no characters."),
        ("aba", "It has 'a' twice."),
        (["a", "bc"], "Element 1 is 'bc', not one character."),
        (["a", 1], "Element 1 is 1, not one character."),
        ("a\udcff", "It has a lone surrogate."),
        ("".join(map(chr, range(0xE000, 0xE000 + 2**17 + 1))), "It has 131073 characters, and"),
        (3, "'Alphabet' must be a text of different characters, a list of them, an Asset"),
    ],
)
def test_wrong_alphabets_are_refused(alphabet: Any, message: str) -> None:
    """The message names the character."""
    assert message in problem("Characters", alphabet)


def test_unknown_character_is_named_with_its_place() -> None:
    """The message has the code point; the other case is a hint."""
    error = refused(NetEncoder("Characters", "ab"), "abÁ")
    assert "unknown-label" == error.code
    assert (
        "the character 'Á' (U+00C1) at position 2 is not in the alphabet of 2 characters."
        == error.message
    )
    assert "It has 'a'." in refused(NetEncoder("Characters", "ab"), "A").message
    assert "(U+00C5) at position 0" in refused(NetEncoder("Characters", "ab"), "Å").message
    long = "a" * 200_000 + "\U0010ffff"
    assert "(U+10FFFF) at position 200000" in refused(NetEncoder("Characters", "ab"), long).message


@pytest.mark.parametrize(
    ("code", "expected"), [(Automatic, [0, 3, 1]), (7, [0, 7, 1]), (0, [0, 0, 1]), ("c", [0, 2, 1])]
)
def test_unknown_code_is_that_of_other_characters(code: Any, expected: list[int]) -> None:
    """It is a number, the place of a label, or the number of labels."""
    encoder = NetEncoder("Characters", "abc", UnknownCode=code)
    assert expected == encoder("a?b").tolist()
    high = encoder.output.high
    assert high is not None
    assert max(*expected, 2) == high


def test_codes_are_bounded() -> None:
    """A code is a number up to 2**21, or a label."""
    message = f"'UnknownCode' must be None, an integer from 0 to {MAX_CODE}, an element of Alphabet"
    assert message in problem("Characters", "ab", UnknownCode=MAX_CODE + 1)
    assert message in problem("Characters", "ab", UnknownCode=True)
    assert "Alphabet does not have 'c'." in problem("Characters", "ab", UnknownCode="c")
    assert "Labels does not have '[UKN]'. Did you mean '[UNK]'?" in problem(
        "Tokens", ["[UNK]"], PaddingCode="[UKN]"
    )


@pytest.mark.parametrize(
    ("parameters", "text", "expected"),
    [
        ({}, "abc", [0, 1]),
        ({}, "a", [0, 3]),
        ({}, "", [3, 3]),
        ({"PaddingCode": 0}, "c", [2, 0]),
        ({"PaddingCode": "b"}, "c", [2, 1]),
        ({"UnknownCode": Automatic}, "?", [3, 4]),
        ({"UnknownCode": 9}, "?", [9, 10]),
    ],
)
def test_target_length_cuts_and_pads(
    parameters: dict[str, Any], text: str, expected: list[int]
) -> None:
    """The first elements stay; PaddingCode fills, by default the first free code."""
    encoder = NetEncoder("Characters", "abc", TargetLength=2, **parameters)
    assert (2,) == encoder.output.dims
    assert expected == encoder(text).tolist()


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [("Characters", ["ab"], "ab?"), ("Tokens", [["a", "b"]], "a b ?")],
)
def test_elements_behind_the_target_are_not_looked_at(
    name: str, values: list[Any], text: str
) -> None:
    """An unknown element behind TargetLength is no error, for every length of the text."""
    for more in ("", "?" * 300_000):
        assert [0, 1] == NetEncoder(name, *values, TargetLength=2)(text + more).tolist()
    assert "unknown-label" == refused(NetEncoder(name, *values, TargetLength=3), text).code


def test_short_text_without_padding_is_refused() -> None:
    """PaddingCode None refuses it."""
    error = refused(NetEncoder("Characters", "ab", TargetLength=3, PaddingCode=None), "ab")
    assert "too-short" == error.code
    assert "it has 2 characters, and TargetLength is 3" == error.message


def test_indicator_vectors_are_one_hot() -> None:
    """Each row has a 1 at its code; unknown and padding codes have columns."""
    encoder = NetEncoder(
        "Characters", "ab", Form="IndicatorVector", TargetLength=3, UnknownCode=Automatic
    )
    array = encoder("b?")
    assert np.float32 == array.dtype
    assert [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]] == array.tolist()


def test_empty_texts_have_no_rows() -> None:
    """The form of an empty text is (0,), or (0, codes)."""
    for name, values in (("Characters", ["ab"]), ("UTF8", []), ("Tokens", [["a"]])):
        assert (0,) == NetEncoder(name, *values)("").shape
        vectors = NetEncoder(name, *values, Form="IndicatorVector")
        assert (0, vectors.output.dims[1]) == vectors("").shape
        assert [(0,)] == [block.shape for block in NetEncoder(name, *values).stream("")]


def test_case_is_ignored() -> None:
    """Both cases have the code of the one in the alphabet; characters of two cases too."""
    encoder = NetEncoder("Characters", "aÉkß", IgnoreCase=True)
    assert [0, 0, 1, 1, 2, 2, 2, 3, 3] == encoder("aAéÉkK\u212aßẞ").tolist()
    assert "unknown-label" == refused(encoder, "s").code
    text = problem("Characters", "aA", IgnoreCase=True)
    assert "'Alphabet' has 'a' and 'A', which are one character with IgnoreCase=True" in text


@given(st.characters(exclude_categories=["Cs"]))
def test_folding_a_character_gives_one(character: str) -> None:
    """A folded character is one character, and is folded already."""
    assert 1 == len(folded(character))
    assert folded(character) == folded(folded(character))


@given(TEXTS)
def test_utf8_is_the_bytes(text: str) -> None:
    """The codes are the bytes of UTF-8."""
    array = NetEncoder("UTF8")(text)
    assert np.int64 == array.dtype
    assert list(text.encode()) == array.tolist()


def test_length_of_utf8_is_in_bytes() -> None:
    """A character may be cut; the padding code is 256."""
    assert [195] == NetEncoder("UTF8", TargetLength=1)("é").tolist()
    assert [97, 256] == NetEncoder("UTF8", TargetLength=2)("a").tolist()
    assert [97, 0] == NetEncoder("UTF8", TargetLength=2, PaddingCode=0)("a").tolist()


VOCABULARY = ["the", "cat", ".", "don", "'", "t", "", "[UNK]"]


@pytest.mark.parametrize(
    ("splitting", "text", "expected"),
    [
        ("Words", "the cat.", [0, 1, 2]),
        ("Words", " don't\n", [3, 4, 5]),
        ("Words", "", []),
        ("Words", "\u00a0 \t", []),
        ("Whitespace", "the\u3000cat\n .", [0, 1, 2]),
        ("Whitespace", "the cat.", [0, 7]),
        (["Delimiter", ","], "the,cat,,.", [0, 1, 6, 2]),
        (["Delimiter", ","], ",", [6, 6]),
        (["Delimiter", ","], "", []),
        (["Delimiter", "::"], "the:::cat", [0, 7]),
    ],
)
def test_texts_are_split(splitting: Any, text: str, expected: list[int]) -> None:
    """Each rule gives its tokens; others than labels have the unknown code."""
    encoder = NetEncoder("Tokens", VOCABULARY, Splitting=splitting, UnknownCode="[UNK]")
    assert expected == encoder(text).tolist()


def test_unknown_token_is_named_with_its_number() -> None:
    """The message has the nearest label."""
    error = refused(NetEncoder("Tokens", VOCABULARY), "the cta")
    assert "unknown-label" == error.code
    assert (
        "the token 'cta', number 1, is not one of the 8 labels. Did you mean 'cat'?"
        == error.message
    )


def test_case_of_tokens_is_ignored() -> None:
    """Tokens are compared by their folded case: ß is ss, and a final sigma is one."""
    encoder = NetEncoder("Tokens", ["Straße", "ὀδός"], IgnoreCase=True)
    assert [0, 0, 1, 1] == encoder("STRASSE straße ὈΔΌΣ ὀδόσ").tolist()
    text = problem("Tokens", ["a", "A"], IgnoreCase=True)
    assert "'Labels' has 'a' and 'A', which are one token with IgnoreCase=True" in text


@pytest.mark.parametrize("delimiter", ["", None, 3])
def test_delimiter_is_a_text(delimiter: Any) -> None:
    """An empty delimiter, or none, is refused."""
    assert "'Splitting' must be" in problem("Tokens", ["a"], Splitting=["Delimiter", delimiter])


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_texts_are_normalized(form: Any) -> None:
    """The codes are those of the normalized text; by default nothing changes."""
    text = "e\u0301é①ﬁ\u1e9b\u0323"
    encoder = NetEncoder("UTF8", UnicodeNormalization=form)
    assert list(unicodedata.normalize(form, text).encode()) == encoder(text).tolist()
    assert list(text.encode()) == NetEncoder("UTF8")(text).tolist()


MARKS = "\u0316\u0301"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a" + MARKS * 501, 1),
        ("aa" + MARKS * 501 + "bb", 2),
        ("a" * (2**20 - 5) + MARKS * 501 + "b", 2**20 - 5),
        ("é" * 9 + "\u0f73" * 1001, 9),
        ("ab" + MARKS * 600_000, 2),
    ],
)
def test_many_combining_marks_are_refused(text: str, place: int) -> None:
    """Python sorts them in a time of their number squared; 1000 of them are taken."""
    error = refused(NetEncoder("UTF8", UnicodeNormalization="NFD"), text)
    assert "unsupported-input" == error.code
    assert f"more than 1000 combining marks follow one another, from position {place}" == (
        error.message
    )
    block = "a" * 2**20 + MARKS * 100
    assert 2**20 + 400 == len(NetEncoder("UTF8", UnicodeNormalization="NFD")(block))
    few = "b" + MARKS * 500 + "a" + MARKS * 500
    assert 2 + 2 * 2000 == len(NetEncoder("UTF8", UnicodeNormalization="NFC")(few)) + (
        4002 - len(unicodedata.normalize("NFC", few).encode())
    )


@pytest.mark.parametrize(
    ("name", "values"), [("Characters", ["ab"]), ("UTF8", []), ("Tokens", [["a"]])]
)
def test_other_values_are_no_texts(name: str, values: list[Any]) -> None:
    """Surrogates, bytes, paths and arrays are refused; a list is a batch."""
    encoder = NetEncoder(name, *values, **({} if name == "UTF8" else {"UnknownCode": 0}))
    error = refused(encoder, "a\udc80")
    assert "malformed" == error.code
    assert "the character U+DC80 at position 1 is half of a surrogate pair" == error.message
    for value in (b"a", Path("a"), 3, None, {"a": 1}, np.zeros(2)):
        error = refused(encoder, value)
        assert "unsupported-input" == error.code
        assert f"{name} takes a text, not a value of type" in error.message
    assert 2 == len(encoder(["a", "a"]))


ENCODERS = [
    NetEncoder("Characters", "ab \n"),
    NetEncoder("Characters", "ab \n", Form="IndicatorVector", TargetLength=700_000),
    NetEncoder("UTF8", UnicodeNormalization="NFC"),
    NetEncoder("UTF8", TargetLength=200_001),
    NetEncoder("Tokens", ["a", "b"]),
    NetEncoder("Tokens", ["a", "b", ""], Splitting=["Delimiter", " "], Form="IndicatorVector"),
]


@pytest.mark.parametrize("encoder", ENCODERS, ids=repr)
def test_long_text_is_a_stream_of_blocks(encoder: NetEncoder) -> None:
    """The blocks of a long text are bounded, and are the array of the call."""
    text = "a b \n" * 60_000 if encoder.name != "Tokens" else "a b " * 60_000 + "a"
    blocks = list(encoder.stream(text))
    assert len(blocks) > 1 or encoder.name == "Tokens"
    assert max(block.nbytes for block in blocks) <= texts.BLOCK_BYTES
    assert np.array_equal(encoder(text), np.concatenate(blocks))


def test_array_of_a_call_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A larger array is refused by a call, and is streamed."""
    monkeypatch.setattr(texts, "MAX_BYTES", 10_000)
    encoder = NetEncoder("Characters", "ab", Form="IndicatorVector")
    error = refused(encoder, "ab" * 1000)
    assert "too-large" == error.code
    assert "the array has more than 10000 bytes, the limit of a call" == error.message
    assert 2000 == sum(map(len, encoder.stream("ab" * 1000)))
    assert 2**31 == 2_147_483_648


def test_command_encodes_the_content_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole file is one text; a missing file and one that is not UTF-8 exit with 3."""
    target = tmp_path / "out.npy"
    (tmp_path / "a.txt").write_text("é\n", "utf-8")
    (tmp_path / "b.txt").write_bytes(b"\xff")
    expected = {"a.txt": 0, "b.txt": 3, "c.txt": 3}
    for name, code in expected.items():
        arguments = ["--encoder", "UTF8", "-o", str(target), "--force"]
        assert code == main(["encode", str(tmp_path / name), *arguments])
    assert [195, 169, 10] == np.load(target).tolist()
    errors = capsys.readouterr().err
    assert "is not UTF-8" in errors
    assert re.search(r"c\.txt: no such file", errors)


@pytest.mark.parametrize("read", [NetEncoder, lambda *a, **k: restored(NetEncoder(*a, **k))])
def test_label_all_may_be_a_code(read: Any) -> None:
    """The text All is a label of UnknownCode and PaddingCode, in Python and in a spec."""
    labels = ["cat", "All"]
    encoder = read("Tokens", labels, UnknownCode="All", PaddingCode="All", TargetLength=3)
    assert [0, 1, 1] == encoder("cat dog").tolist()
    assert "All" == encoder.parameters["UnknownCode"]
    assert "Labels does not have 'All'." in problem("Tokens", ["cat"], UnknownCode="All")


def test_codes_beyond_the_labels_are_no_encoded_array() -> None:
    """An array of codes is encoded already; the largest code is declared."""
    encoder = NetEncoder("Characters", "abc")
    assert [2, 0] == encoder(np.array([2, 0])).tolist()
    assert "out-of-range" == refused(encoder, np.array([3])).code
    assert "out-of-range" == refused(encoder, np.array([-1])).code
