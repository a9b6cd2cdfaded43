"""Small tokenizers that the libraries train here, and texts of many scripts."""

# ruff: noqa: RUF001 - letters of other scripts look like Latin ones

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import sentencepiece
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

CORPUS = (
    "The quick brown fox jumps over the lazy dog.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "いろはにほへと ちりぬるを 漢字かな交じり文",
    "السلام عليكم ورحمة الله وبركاته",
    "שלום עולם, מה שלומך?",
    "emoji 😀 👩‍👩‍👧‍👦 flags 🇩🇪",
    "café cafe\u0301 ﬁne ① Ａ",
    "a b  c   d\te\n\nf",
    "한국어 문장입니다",
) * 20

TEXTS = (
    "",
    " ",
    "The quick fox",
    "  Zwölf   Boxkämpfer\tjagen\r\n",
    "Съешь же ещё этих мягких булок",
    "漢字かな交じり文、いろは",
    "السلام عليكم \u202bשלום\u202c abc",
    "👩‍👩‍👧‍👦 🇩🇪 😀😀",
    "cafe\u0301 e" + "\u0301" * 40,
    "ﬁne ① Ａ ﷺ",
    "nul \0 in \0\0 a text",
    "[CLS] <s> [SEP] </s> <mask>",
    "▁ ## Ġ \ufffd \ufeff \u200b",
    "unknown: ᚠᛇᚻ 𒀀 \U0010ffff",
    "a" * 3000 + " Донаудампфшиффартс" * 60,
)


def trained(tokenizer: Tokenizer, trainer: Any) -> bytes:
    """Return the tokenizer.json of a tokenizer after the training."""
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer.to_str().encode()


@cache
def word_piece() -> bytes:
    """Return a WordPiece of the kind of BERT."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    return trained(tokenizer, trainer)


@cache
def byte_bpe() -> bytes:
    """Return a BPE of bytes, of the kind of GPT-2: it loses nothing."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    return trained(tokenizer, trainer)


@cache
def character_bpe() -> bytes:
    """Return a BPE without a token for unknown characters, which the library leaves out."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return trained(tokenizer, trainers.BpeTrainer(vocab_size=300, show_progress=False))


@cache
def unigram() -> bytes:
    """Return a Unigram of the kind of XLM-RoBERTa."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(" {2,}", " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer.to_str().encode()


JSON = {
    "WordPiece": word_piece,
    "ByteBPE": byte_bpe,
    "Unigram": unigram,
}
"""The makers of each kind of tokenizer.json."""

SENTENCE_PIECE: dict[str, dict[str, Any]] = {
    "bpe": {"model_type": "bpe"},
    "unigram": {"model_type": "unigram"},
    "bytes": {"model_type": "unigram", "byte_fallback": True, "vocab_size": 450, "pad_id": 3},
    "identity": {
        "model_type": "bpe",
        "byte_fallback": True,
        "vocab_size": 450,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
        "add_dummy_prefix": False,
    },
    "folded": {
        "model_type": "unigram",
        "normalization_rule_name": "nfkc_cf",
        "user_defined_symbols": ["<mask>", "😀"],
        "control_symbols": ["<sep>"],
    },
    "char": {"model_type": "char"},
}
"""The options of each kind of SentencePiece model."""


@cache
def sentence_piece(kind: str) -> bytes:
    """Return a SentencePiece model of a kind."""
    file = io.BytesIO()
    options = {"vocab_size": 220, "hard_vocab_limit": False, **SENTENCE_PIECE[kind]}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=file, minloglevel=2, **options
    )
    return file.getvalue()


def changed(content: bytes, **parts: Any) -> bytes:
    """Return a tokenizer.json with other parts."""
    return json.dumps({**json.loads(content), **parts}).encode()


def words(**parts: Any) -> bytes:
    """Return the tokenizer.json of two words and an unknown one, with other parts."""
    model = {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "b": 2}, "unk_token": "[UNK]"}
    spaces = {"type": "Whitespace"}
    return json.dumps(
        {"version": "1.0", "added_tokens": [], "pre_tokenizer": spaces, "model": model, **parts}
    ).encode()
