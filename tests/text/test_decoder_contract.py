"""The contract of the decoder SubwordTokens."""

import numpy as np
from made_tokenizers import byte_bpe, sentence_piece, word_piece

from netencoders.testing import DecoderContract


class TestSubwordTokens(DecoderContract):
    """The contract, with the tokenizer of the examples."""

    decoder = "SubwordTokens"

    def inputs(self):
        """Return no ids, and some."""
        return [np.array(ids, np.int64) for ids in ([], [1], [2, 1, 0])]


class TestWordPiece(TestSubwordTokens):
    """The contract, for a WordPiece."""

    parameters = {"Model": word_piece()}  # noqa: RUF012 - the contract does not change it


class TestBytes(TestSubwordTokens):
    """The contract, for a BPE of bytes, also for bytes that are no text."""

    parameters = {"Model": byte_bpe()}  # noqa: RUF012 - as above

    def inputs(self):
        """Return every id of a byte."""
        return [*super().inputs(), np.arange(257)]


class TestSentencePiece(TestSubwordTokens):
    """The contract, for a SentencePiece model."""

    parameters = {"Model": sentence_piece("bytes")}  # noqa: RUF012 - as above
    options = {"Text": {"SkipSpecialTokens": True}}  # noqa: RUF012 - as above
