"""The contracts of the encoder and the decoder SubwordTokens."""

import pytest
from made_tokenizers import TEXTS, byte_bpe, sentence_piece, unigram, word_piece

from netencoders import NetEncoder
from netencoders.testing import EncoderContract


class TestSubwordTokens(EncoderContract):
    """The contract, with the tokenizer of the examples."""

    encoder = "SubwordTokens"

    def inputs(self):
        """Return no tokens, and texts of many scripts."""
        return ["", *TEXTS]


class TestWordPiece(TestSubwordTokens):
    """The contract, for three arrays of a fixed length."""

    parameters = {  # noqa: RUF012 - the contract does not change it
        "Model": word_piece(),
        "Outputs": ["input_ids", "attention_mask", "token_type_ids"],
        "TargetLength": 12,
    }


class TestBytes(TestSubwordTokens):
    """The contract, for a BPE of bytes."""

    parameters = {"Model": byte_bpe()}  # noqa: RUF012 - as above


class TestUnigram(TestSubwordTokens):
    """The contract, for a Unigram that is padded at the start."""

    parameters = {  # noqa: RUF012 - as above
        "Model": unigram(),
        "TargetLength": 5,
        "TargetSide": "End",
        "PaddingSide": "Start",
    }


class TestSentencePiece(TestSubwordTokens):
    """The contract, for a SentencePiece model."""

    parameters = {"Model": sentence_piece("bytes")}  # noqa: RUF012 - as above


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AddSpecialTokens", False),
        ("Outputs", ["attention_mask"]),
        ("TargetLength", 3),
        ("Model", byte_bpe()),
    ],
)
def test_parameters_have_effect(name, value):
    """Each parameter changes the array."""
    encoder = NetEncoder("SubwordTokens", word_piece())
    changed = encoder.replace(**{name: value})
    assert encoder("The quick fox").tolist() != changed("The quick fox").tolist()


@pytest.mark.parametrize(
    ("name", "value"), [("TargetSide", "End"), ("PaddingCode", 5), ("PaddingSide", "Start")]
)
def test_parameters_of_the_length_have_effect(name, value):
    """Each parameter of TargetLength changes the arrays of a short and a long text."""
    encoder = NetEncoder("SubwordTokens", word_piece(), TargetLength=6)
    texts = ["fox", "The quick brown fox jumps over the lazy dog"]
    arrays = [array.tolist() for array in encoder(texts)]
    assert arrays != [array.tolist() for array in encoder.replace(**{name: value})(texts)]
