"""The decoders Characters, Tokens and UTF8, and the way from a text to codes and back."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from netencoders import (
    Automatic,
    DecodeError,
    NetDecoder,
    NetEncoder,
    ParameterError,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FORMS = st.sampled_from(["Index", "IndicatorVector"])


def refused(decoder: NetDecoder, value: Any) -> DecodeError:
    """Return the error of an array."""
    with pytest.raises(DecodeError) as caught:
        decoder(value)
    return caught.value


@given(st.text("abcé中"), FORMS)
def test_characters_round_trip(text: str, form: str) -> None:
    """A text of the alphabet comes back, in each form."""
    encoder = NetEncoder("Characters", "abcé中", Form=form)
    decoder = NetDecoder.from_encoder(encoder)
    assert text == decoder(encoder(text))
    assert list(text) == decoder(encoder(text), "Characters")
    assert encoder == NetEncoder.from_decoder(decoder)


@given(st.text("abcé中", max_size=9), FORMS, st.sampled_from([None, Automatic, 7, "a"]))
def test_padded_characters_round_trip(text: str, form: str, unknown: Any) -> None:
    """A text that is not longer than TargetLength comes back without its padding."""
    encoder = NetEncoder("Characters", "abcé中", Form=form, TargetLength=9, UnknownCode=unknown)
    assert text == NetDecoder.from_encoder(encoder)(encoder(text))


@given(TEXTS, FORMS, st.sampled_from([False, True]))
def test_bytes_round_trip(text: str, form: str, is_padded: bool) -> None:
    """Each text comes back from its bytes."""
    size = {"TargetLength": max(1, 4 * len(text))} if is_padded else {}
    encoder = NetEncoder("UTF8", Form=form, **size)
    decoder = NetDecoder.from_encoder(encoder)
    assert text == decoder(encoder(text))
    assert text.encode() == decoder(encoder(text), "Bytes")
    assert encoder.replace(TargetLength=encoder.parameters["TargetLength"]) == encoder
    assert "UTF8" == NetEncoder.from_decoder(decoder).name


TOKENS = st.lists(st.sampled_from(["a", "Cat", "中", "x1"]))


@given(TOKENS, FORMS, st.sampled_from(["Words", "Whitespace", ["Delimiter", " , "]]))
def test_tokens_round_trip(tokens: list[str], form: str, splitting: Any) -> None:
    """Tokens come back; so does a text with one separator between them."""
    labels = ["a", "Cat", "中", "x1"]
    encoder = NetEncoder("Tokens", labels, Form=form, Splitting=splitting)
    decoder = NetDecoder.from_encoder(encoder)
    text = (" , " if isinstance(splitting, list) else " ").join(tokens)
    assert tokens == decoder(encoder(text), "Tokens")
    assert text == decoder(encoder(text))
    again = NetEncoder.from_decoder(decoder)
    assert encoder(text).tolist() == again(text).tolist()


def test_text_ends_before_the_padding() -> None:
    """The text ends at the first padding code, also if others follow."""
    decoder = NetDecoder("Tokens", ["[PAD]", "a", "b"], PaddingCode="[PAD]")
    assert "a b" == decoder([1, 2, 0, 1])
    assert [1, 2] == decoder([1, 2, 0, 1], "Codes")
    assert "" == decoder([0])
    assert "[PAD] a" == decoder.replace(PaddingCode=None)([0, 1])


def test_unknown_code_is_a_replacement() -> None:
    """A code without a label gives U+FFFD if it is declared; a label gives itself."""
    assert "a\ufffd" == NetDecoder("Characters", "ab", UnknownCode=2)([0, 2])
    assert "[UNK] a" == NetDecoder("Tokens", ["a", "[UNK]"], UnknownCode="[UNK]")([1, 0])


def test_code_without_a_label_is_refused() -> None:
    """Between the labels and the largest code, a code may have no label."""
    error = refused(NetDecoder("Characters", "ab", UnknownCode=5), [0, 3])
    assert "unknown-code" == error.code
    assert "the code 3 at position 1 has no label: there are 2" == error.message
    assert "out-of-range" == refused(NetDecoder("Characters", "ab"), [2]).code
    assert "out-of-range" == refused(NetDecoder("Characters", "ab"), [-1]).code


def test_bytes_that_are_no_text_are_refused() -> None:
    """The message has the byte; the property Bytes gives them."""
    error = refused(NetDecoder("UTF8"), [97, 195])
    assert "malformed" == error.code
    assert "the byte 0xc3 at position 1 is not UTF-8" == error.message
    assert b"a\xc3" == NetDecoder("UTF8")([97, 195], "Bytes")


def test_most_probable_code_is_decided() -> None:
    """Of equal probabilities the first code is taken; each row is checked."""
    decoder = NetDecoder("Characters", "ab", Form="IndicatorVector")
    assert "ab" == decoder([[0.5, 0.5], [0.25, 0.75]])
    assert [0, 1] == decoder([[0.5, 0.5], [0.25, 0.75]], "Codes")
    error = refused(decoder, [[0.5, 0.5], [3, 4]])
    assert "not-probabilities" == error.code
    assert "the probabilities of row 1 sum to 7, not to 1" == error.message
    assert "the smallest element is -1" in refused(decoder, [[1, 0], [-1, 2]]).message


def test_empty_arrays_are_empty_texts() -> None:
    """An array of no rows is an empty text, in each form."""
    assert "" == NetDecoder("Characters", "ab")(np.zeros(0, np.int64))
    decoder = NetDecoder("Tokens", ["a", "b"], Form="IndicatorVector")
    assert "" == decoder(np.zeros((0, 2), np.float32))


def test_batches_are_lists_of_texts() -> None:
    """An array of one more dimension, and a list of arrays, is a batch."""
    decoder = NetDecoder("Characters", "ab")
    assert ["ab", "ba"] == decoder(np.array([[0, 1], [1, 0]]))
    assert ["ab", "b"] == decoder([np.array([0, 1]), np.array([1])])


def test_joined_tokens_cannot_be_split() -> None:
    """Without a separator, no encoder belongs to the decoder."""
    decoder = NetDecoder("Tokens", ["a", "b"], Separator="")
    assert "ab" == decoder([0, 1])
    with pytest.raises(ParameterError, match="no encoder belongs to it"):
        NetEncoder.from_decoder(decoder)
