"""The ids are those of the libraries, for texts of many scripts."""

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tokenizers import (
    JSON,
    SENTENCE_PIECE,
    TEXTS,
    byte_bpe,
    changed,
    character_bpe,
    sentence_piece,
    word_piece,
    words,
)
from tokenizers import Tokenizer

from netencoders import Asset, EncodeError, NetDecoder, NetEncoder


@pytest.mark.parametrize("special", [True, False])
@pytest.mark.parametrize("kind", JSON)
def test_ids_are_those_of_tokenizers(kind, special):
    """A tokenizer.json gives the ids of the library."""
    content = JSON[kind]()
    library = Tokenizer.from_str(content.decode())
    encoder = NetEncoder("SubwordTokens", content, AddSpecialTokens=special)
    for text in TEXTS:
        expected = library.encode(text, add_special_tokens=special).ids
        actual = encoder(text)
        assert (expected, np.int64) == (actual.tolist(), actual.dtype)


@pytest.mark.parametrize("kind", SENTENCE_PIECE)
def test_ids_are_those_of_sentencepiece(kind):
    """A .model file gives the ids of the library, without special tokens."""
    content = sentence_piece(kind)
    library = sentencepiece.SentencePieceProcessor(model_proto=content)
    encoder = NetEncoder("SubwordTokens", content)
    for text in TEXTS:
        assert library.encode(text, out_type=int) == encoder(text).tolist()


@pytest.mark.parametrize("special", ["Start", "End", "Both"])
def test_special_tokens_of_sentencepiece(special):
    """AddSpecialTokens adds the tokens of the model, as the options of the library do."""
    content = sentence_piece("unigram")
    library = sentencepiece.SentencePieceProcessor(model_proto=content)
    encoder = NetEncoder("SubwordTokens", content, AddSpecialTokens=special)
    start, end = special in ("Start", "Both"), special in ("End", "Both")
    for text in TEXTS:
        expected = library.encode(text, out_type=int, add_bos=start, add_eos=end)
        assert expected == encoder(text).tolist()


@pytest.mark.parametrize("side", ["Start", "End"])
@pytest.mark.parametrize("kind", JSON)
def test_cut_and_padding_are_those_of_tokenizers(kind, side):
    """Cut and padded texts are those of the truncation and the padding of the library."""
    content = JSON[kind]()
    names = ["input_ids", "attention_mask", "token_type_ids"]
    library = Tokenizer.from_str(content.decode())
    library.enable_truncation(7, direction="right" if side == "Start" else "left")
    library.enable_padding(length=7, pad_id=1, direction="left" if side == "Start" else "right")
    encoder = NetEncoder(
        "SubwordTokens",
        content,
        Outputs=names,
        TargetLength=7,
        TargetSide=side,
        PaddingCode=1,
        PaddingSide=side,
    )
    for text in TEXTS:
        found = library.encode(text)
        expected = [found.ids, found.attention_mask, found.type_ids]
        assert expected == [encoder(text)[name].tolist() for name in names]


@pytest.mark.parametrize("side", ["Start", "End"])
def test_cut_of_sentencepiece_keeps_special_tokens(side):
    """A cut text of a .model file keeps the tokens of its start and end."""
    content = sentence_piece("bytes")
    library = sentencepiece.SentencePieceProcessor(model_proto=content)
    encoder = NetEncoder(
        "SubwordTokens", content, AddSpecialTokens="Both", TargetLength=6, TargetSide=side
    )
    for text in TEXTS:
        ids = library.encode(text, out_type=int)
        kept = ids[:4] if side == "Start" else ids[-4:]
        expected = [1, *kept, 2]
        assert expected + [3] * (6 - len(expected)) == encoder(text).tolist()


def test_cut_leaves_nothing_but_special_tokens():
    """The smallest TargetLength keeps the special tokens alone; a smaller one is refused."""
    encoder = NetEncoder("SubwordTokens", word_piece(), TargetLength=2)
    assert [2, 3] == encoder("The quick fox").tolist()
    with pytest.raises(ValueError, match="'TargetLength' must be at least 2, the number of spec"):
        encoder.replace(TargetLength=1)
    pieces = NetEncoder(
        "SubwordTokens", sentence_piece("bpe"), TargetLength=2, TargetSide="End",
        AddSpecialTokens="Both",
    )  # fmt: skip
    assert [1, 2] == pieces("The quick fox").tolist()


def test_longer_text_is_refused_where_asked():
    """With TargetSide=None, the error states the number of tokens."""
    encoder = NetEncoder("SubwordTokens", words(), TargetLength=2, TargetSide=None)
    assert [1, 2] == encoder("a b").tolist()
    with pytest.raises(EncodeError, match=r"it has 3 tokens, more than TargetLength 2") as caught:
        encoder("a b a")
    assert "too-long" == caught.value.code


def test_shorter_text_needs_a_padding():
    """Without a padding of the file, a shorter text is refused, or PaddingCode fills it."""
    encoder = NetEncoder("SubwordTokens", words(), TargetLength=2)
    with pytest.raises(EncodeError, match=r"1 tokens, fewer than TargetLength 2.*set Padd") as got:
        encoder("a")
    assert "too-short" == got.value.code
    assert [1, 2] == encoder.replace(PaddingCode="b")("a").tolist()
    assert [1, 7] == encoder.replace(PaddingCode=7)("a").tolist()
    assert 7 == encoder.replace(PaddingCode=7).output.high
    with pytest.raises(ValueError, match="The model has no token 'c'"):
        encoder.replace(PaddingCode="c")


def test_padding_of_the_file():
    """PaddingCode and PaddingSide are those of the file, or of a special token named as padding."""
    padding = {
        "strategy": {"Fixed": 2**40},
        "direction": "Left",
        "pad_to_multiple_of": None,
        "pad_id": 2,
        "pad_type_id": 0,
        "pad_token": "b",
    }
    encoder = NetEncoder("SubwordTokens", words(padding=padding), TargetLength=3)
    assert [2, 2, 1] == encoder("a").tolist()
    assert 0 == NetEncoder("SubwordTokens", word_piece(), TargetLength=9).resolved["PaddingCode"]
    named = words(model={"type": "WordLevel", "vocab": {"[PAD]": 0}, "unk_token": "[PAD]"})
    encoder = NetEncoder("SubwordTokens", named, TargetLength=9)
    assert None is encoder.resolved["PaddingCode"]  # it is a word, and no special token


def test_truncation_and_padding_of_the_file_have_no_effect():
    """TargetLength alone decides on the length."""
    cut = {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0}
    pad = {
        "strategy": {"Fixed": 9},
        "direction": "Right",
        "pad_to_multiple_of": 8,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[UNK]",
    }
    encoder = NetEncoder("SubwordTokens", words(truncation=cut, padding=pad))
    assert [1, 2, 1] == encoder("a b a").tolist()


def test_mask_alone_is_an_array_and_several_outputs_are_a_dict():
    """One name gives an array, and several give a dict in the order of the names."""
    one = NetEncoder("SubwordTokens", words(), Outputs=["attention_mask"])
    assert [1, 1] == one("a b").tolist()
    two = NetEncoder("SubwordTokens", words(), Outputs=["attention_mask", "input_ids"])
    assert ["attention_mask", "input_ids"] == list(two("a b"))
    assert (1, 2) == tuple(form.high for form in two.outputs.values())


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_decoder_of_sentencepiece(kind):
    """The decoder gives the text and the pieces of the library."""
    content = sentence_piece(kind)
    library = sentencepiece.SentencePieceProcessor(model_proto=content)
    decoder, encoder = NetDecoder("SubwordTokens", content), NetEncoder("SubwordTokens", content)
    for text in TEXTS:
        ids = encoder(text)
        assert library.decode(ids.tolist()) == decoder(ids)
        assert library.id_to_piece(ids.tolist()) == decoder(ids, "Tokens")


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("kind", JSON)
def test_decoder_of_tokenizers(kind, skip):
    """The decoder gives the text of the library, with special tokens or without."""
    content = JSON[kind]()
    library = Tokenizer.from_str(content.decode())
    decoder, encoder = NetDecoder("SubwordTokens", content), NetEncoder("SubwordTokens", content)
    for text in TEXTS:
        ids = encoder(text)
        expected = library.decode(ids.tolist(), skip_special_tokens=skip)
        assert expected == decoder(ids, "Text", SkipSpecialTokens=skip)
        assert [library.id_to_token(code) for code in ids] == decoder(ids, "Tokens")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_bytes_lose_nothing(text):
    """A text is that of its ids, if the tokenizer keeps each byte."""
    encoder = NetEncoder("SubwordTokens", byte_bpe())
    decoder = NetDecoder.from_encoder(encoder)
    assert text == decoder(encoder(text), "Text", SkipSpecialTokens=False)
    assert encoder == NetEncoder.from_decoder(decoder)


@pytest.mark.parametrize("text", ["ᚠ", "The ᚠ fox", "\U0010ffff"])
def test_bpe_does_not_leave_out_characters(text):
    """The library leaves out characters without a token; the encoder refuses the text."""
    content = character_bpe()
    library = Tokenizer.from_str(content.decode())
    encoder = NetEncoder("SubwordTokens", content)
    for known in ("The quick fox", "漢字", ""):
        assert library.encode(known).ids == encoder(known).tolist()
    assert library.encode("ᚠ").ids in ([], library.encode("").ids, library.encode(" ").ids)
    with pytest.raises(EncodeError, match="has no token, and the model is a BPE without") as got:
        encoder(text)
    assert "unknown-token" == got.value.code
    assert len(Tokenizer.from_str(content.decode()).get_vocab()) == encoder.output.high + 1


def test_bpe_cut_does_not_hide_an_unknown_character():
    """A character without a token is refused also in the part that TargetLength cuts."""
    encoder = NetEncoder("SubwordTokens", character_bpe(), TargetLength=2)
    with pytest.raises(EncodeError, match="'ᚠ' at position 20 has no token"):
        encoder("The quick brown fox ᚠ")


def test_same_file_has_one_digest(tmp_path):
    """The digest is that of the content: of bytes, and of an Asset of any name."""
    (tmp_path / "other.json").write_bytes(word_piece())
    file = NetEncoder("SubwordTokens", Asset(tmp_path / "other.json"))
    assert NetEncoder("SubwordTokens", word_piece()).digest == file.digest
    assert NetEncoder("SubwordTokens", changed(word_piece(), normalizer=None)).digest != file.digest


@pytest.mark.parametrize(("content", "suffix"), [(word_piece, ".json"), (sentence_piece, ".model")])
def test_spec_names_the_file(content, suffix, tmp_path):
    """`to_yaml` with a folder writes the file beside the spec."""
    data = content("bpe") if suffix == ".model" else content()
    encoder = NetEncoder("SubwordTokens", data)
    spec = tmp_path / "spec.yaml"
    spec.write_text(encoder.to_yaml(pin=True, assets=tmp_path))
    (file,) = tmp_path.glob(f"Model-*{suffix}")
    assert data == file.read_bytes()
    assert encoder == NetEncoder.from_yaml(spec)
