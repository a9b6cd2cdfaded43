"""Texts and tokenizers that do harm are answered by errors with codes, and never by a crash."""

import json
import os
import subprocess
import sys
from base64 import b64encode

import numpy as np
import pytest
from made_tokenizers import (
    TEXTS,
    byte_bpe,
    changed,
    sentence_piece,
    unigram,
    word_piece,
    words,
)

from netencoders import DecodeError, EncodeError, NetDecoder, NetEncoder, ParameterError
from netencoders.policies import policies
from netencoders_text.charsmap import charsmap_of_model, growth_of_rules


def code_of(encoder, text):
    """Return the code of the error for a text."""
    with pytest.raises(EncodeError) as caught:
        encoder(text)
    return caught.value.code


@pytest.mark.parametrize("content", [word_piece, lambda: sentence_piece("bpe")])
def test_lone_surrogate_is_refused(content):
    """Half of a surrogate pair is no character, and is named with its position."""
    encoder = NetEncoder("SubwordTokens", content())
    with pytest.raises(EncodeError, match=r"U\+DC41 at position 2 is half of a surrogate"):
        encoder("ab\udc41")
    assert "malformed" == code_of(encoder, "\ud83d")


@pytest.mark.parametrize("content", [byte_bpe, lambda: sentence_piece("unigram")])
def test_large_text_is_refused(content):
    """A text of 100 MB is refused at once; the policy sets the limit, in bytes of UTF-8."""
    encoder = NetEncoder("SubwordTokens", content())
    with pytest.raises(EncodeError, match="more than 4194304 bytes of UTF-8, the limit"):
        encoder("a" * 100_000_000)
    with policies({"text.max_bytes": 8}):
        assert encoder("aaaa bbb").size > 0
        assert "limit-exceeded" == code_of(encoder, "aaaa bbbb")
        assert "limit-exceeded" == code_of(encoder, "éééée")


def test_wrong_kind_is_refused():
    """Bytes and numbers are no texts; a list is a batch."""
    encoder = NetEncoder("SubwordTokens", words())
    for value in (b"a", 1, None, {"text": "a"}):
        assert "unsupported-input" == code_of(encoder, value)
    assert [[1], [2, 1]] == [array.tolist() for array in encoder(["a", "b a"])]


def test_text_without_a_token_is_refused():
    """A model that lacks its own unknown token refuses a text that needs it."""
    model = {"type": "WordLevel", "vocab": {"a": 1}, "unk_token": "[UNK]"}
    encoder = NetEncoder("SubwordTokens", words(model=model))
    assert [1] == encoder("a").tolist()
    with pytest.raises(EncodeError, match=r"Missing.*use a tokenizer with a token for unknown"):
        encoder("b")
    assert "unknown-token" == code_of(encoder, "b")


def replaces(count, pattern="a", content="aaaaaaaa"):
    """Return a normalizer that replaces a text again and again."""
    one = {"type": "Replace", "pattern": {"String": pattern}, "content": content}
    return {"type": "Sequence", "normalizers": [one] * count}


TWICE = {"Sequence": {"id": "A", "type_id": 0}}
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [TWICE, TWICE],
    "pair": [TWICE, {"Sequence": {"id": "B", "type_id": 0}}],
    "special_tokens": {},
}
BOMB = b64encode(bytes([4, 0, 0, 0]) + bytes(4) + b"x" * 40_000 + bytes(1)).decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no pieces"),
        (b"{", "not read as a SentencePiece model"),
        (b"{}", "not read as a tokenizer.json"),
        (b'{"model": "\xff"}', "not UTF-8, at byte 11"),
        (b"\x0a" * 1000, "not read as a SentencePiece model"),
        (b"PK\x03\x04", "not read as a SentencePiece model"),
        (b'{"model":' + b"[" * 100_000, "not read as a tokenizer.json"),
        (words(model={"type": "WordLevel", "vocab": {}, "unk_token": "a"}), "vocabulary is empty"),
        (words(normalizer=replaces(40)), "may make over 10.12 bytes of one byte"),
        (words(normalizer=replaces(4)), "normalizer may make 4096 bytes of one byte"),
        (words(decoder={"type": "Sequence", "decoders": replaces(4)["normalizers"]}), "Its decod"),
        (words(normalizer={"type": "Prepend", "prepend": "x" * 2000}), "make 2001 bytes"),
        (words(post_processor=TEMPLATE), "post_processor gives each text 2 times, not once"),
        (
            words(normalizer={"type": "Precompiled", "precompiled_charsmap": BOMB}),
            "normalizer may make 10000 bytes of one byte",
        ),
        (
            words(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
            "not read as a tokenizer.json.*charsmap",
        ),
    ],
)
def test_hostile_file_is_refused(content, message):
    """A file that is no tokenizer, or that makes much of little, is a problem of Model."""
    with pytest.raises(ParameterError, match=rf"'Model' must be an Asset.*(?s:.*){message}"):
        NetEncoder("SubwordTokens", content)
    with pytest.raises(ParameterError, match=message):
        NetDecoder("SubwordTokens", content)


def test_dropout_is_refused():
    """A BPE that draws its merges gives other ids for each call."""
    model = {**json.loads(byte_bpe())["model"], "dropout": 0.5}
    with pytest.raises(ParameterError, match=r'has the dropout 0.5.*Set "dropout" to null'):
        NetEncoder("SubwordTokens", changed(byte_bpe(), model=model))
    assert NetEncoder("SubwordTokens", changed(byte_bpe(), model={**model, "dropout": 0.0}))


def test_regular_expression_that_backtracks_is_an_error():
    """The library gives up a match after ten million steps, by a panic."""
    pattern = {"Regex": "(a|aa)+[bc][bc]"}
    split = {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}
    encoder = NetEncoder("SubwordTokens", words(pre_tokenizer=split))
    assert [0, 0] == encoder("aabcx").tolist()
    with pytest.raises(EncodeError, match=r"fails: .*retry-limit-in-match.*check its file") as got:
        encoder("a" * 60 + "bxc")
    assert "tokenizer-failed" == got.value.code
    assert [0, 0] == encoder("aabcx").tolist()


def test_growing_text_is_measured():
    """A text that normalization makes larger is refused before it takes memory."""
    encoder = NetEncoder("SubwordTokens", words(normalizer=replaces(3)))
    assert [0] == encoder("b" + "a" * 100).tolist()
    with policies({"text.max_bytes": 100_000}):
        assert encoder("b" * 100_000).size == 1  # no letter grows
        assert encoder("b" * 99_500 + "a" * 500).size == 1  # 355,500 bytes
        with pytest.raises(EncodeError, match="its normalization has more than 400000 bytes"):
            encoder("a" * 1000)


def test_growing_text_of_sentencepiece_is_measured():
    """The rules of a SentencePiece model make a text larger, too."""
    content = sentence_piece("unigram")
    assert 8 == growth_of_rules(charsmap_of_model(content))
    encoder = NetEncoder("SubwordTokens", content)
    with policies({"text.max_bytes": 3000}):
        assert encoder("ab " * 1000).size > 0
        with pytest.raises(EncodeError, match="its normalization has more than 12000 bytes"):
            encoder("ﷺ" * 1000)


def test_sentencepiece_with_large_rules_is_refused():
    """A rule that replaces a character by a long text is refused by its size."""
    content = sentence_piece("unigram")
    rules = charsmap_of_model(content) + b"x" * 40_000 + bytes(1)  # the library checks the trie
    size = len(rules)
    head = bytes([0x12, size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + rules
    size = len(head)
    spec = bytes([0x1A, size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + head
    with pytest.raises(ParameterError, match="normalization may make 10000 bytes of one byte"):
        NetEncoder("SubwordTokens", content + spec)


def test_sentencepiece_with_a_long_text_for_unknown_characters_is_refused():
    """Each unknown token of a decoded text would be as long."""
    text = b"x" * 2000
    field = bytes([0xE2, 0x02, 0xD0, 0x0F]) + text
    trainer = bytes([0x12, 0xD4, 0x0F]) + field
    with pytest.raises(ParameterError, match="text for unknown characters has more than 1000 ch"):
        NetEncoder("SubwordTokens", sentence_piece("bpe") + trainer)


def test_empty_file_prints_nothing(capfd):
    """SentencePiece would take an empty file, and print that it has no model."""
    with pytest.raises(
        ParameterError, match=r"It is no object in JSON, and not read as a Sent.* model: it has no"
    ):
        NetEncoder("SubwordTokens", b"")
    assert "" == capfd.readouterr().err


def test_decoder_that_grows_is_bounded():
    """The rules of the decoder of a tokenizer.json count."""
    rules = {"type": "Sequence", "decoders": replaces(3)["normalizers"]}
    decoder = NetDecoder("SubwordTokens", words(decoder=rules))
    assert 512 == len(decoder([1]))
    with pytest.raises(DecodeError, match="the text may have more than 268435456 bytes"):
        decoder(np.ones(600_000, np.int64))


def test_damaged_sentencepiece_is_an_error_or_a_tokenizer():
    """A model that is cut or changed never ends the process."""
    content, generator = sentence_piece("identity"), np.random.default_rng(0)
    refused = 0
    for place in range(60):
        data = bytearray(content)
        if place % 2:
            data = data[: generator.integers(len(data))]
        else:
            for _ in range(3):
                data[generator.integers(len(data))] = generator.integers(256)
        try:
            NetEncoder("SubwordTokens", bytes(data))("The quick fox 😀")
        except (ParameterError, EncodeError):
            refused += 1
    assert 0 < refused <= 60


def test_ids_without_a_token_are_refused():
    """An id above the largest one, or between others, has no token."""
    model = {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 3}, "unk_token": "[UNK]"}
    decoder = NetDecoder("SubwordTokens", words(model=model))
    assert ["a", "[UNK]"] == decoder([3, 0], "Tokens")
    with pytest.raises(DecodeError, match="the code 2 at position 1 has no token") as caught:
        decoder([3, 2])
    assert "unknown-code" == caught.value.code
    for ids in ([4], [-1]):
        with pytest.raises(DecodeError) as caught:
            decoder(ids)
        assert "out-of-range" == caught.value.code


def test_decoder_refuses_a_large_text():
    """Many ids of long tokens are refused before the text is made."""
    long = "x" * 100_000
    model = {"type": "WordLevel", "vocab": {"[UNK]": 0, long: 1}, "unk_token": "[UNK]"}
    decoder = NetDecoder("SubwordTokens", words(model=model))
    assert 100_000 == len(decoder([1]))
    with pytest.raises(DecodeError, match="more than 268435456 bytes") as caught:
        decoder(np.ones(3000, np.int64))
    assert "limit-exceeded" == caught.value.code


def test_control_tokens_of_sentencepiece_have_no_text():
    """Without SkipSpecialTokens they are refused; the property Tokens has them."""
    decoder = NetDecoder("SubwordTokens", sentence_piece("bpe"))
    with pytest.raises(DecodeError, match=r"control tokens.*have no text.*property Tokens") as got:
        decoder([1, 9, 2], "Text", SkipSpecialTokens=False)
    assert "tokenizer-failed" == got.value.code
    assert ["<s>", "</s>"] == decoder([1, 2], "Tokens")
    assert "" == decoder([1, 2])


@pytest.mark.parametrize(
    ("content", "given", "message"),
    [
        ("json", {"AddSpecialTokens": "Start"}, "must be True or False for a tokenizer.json"),
        ("model", {"AddSpecialTokens": True}, "must be False, 'Start', 'End' or 'Both' for a Sent"),
        ("none", {"AddSpecialTokens": "Both"}, "must leave out the start"),
        ("model", {"Outputs": ["token_type_ids"]}, "must not have 'token_type_ids'"),
        ("json", {"Outputs": ["input_ids", "input_ids"]}, "'Outputs' must have each name once"),
        ("json", {"Outputs": []}, "'Outputs' must be"),
        ("json", {"PaddingCode": -1}, "'PaddingCode' must be None, an integer from 0"),
    ],
)
def test_parameters_that_do_not_fit(content, given, message):
    """Each parameter that does not fit the model is named with the remedy."""
    made = {"json": words, "model": lambda: sentence_piece("bpe"), "none": without_start}[content]()
    with pytest.raises(ParameterError, match=message):
        NetEncoder("SubwordTokens", made, **given)


def without_start():
    """Return a SentencePiece model whose token for the start is an ordinary one."""
    return sentence_piece("bpe").replace(
        b"\n\x03<s>\x15\x00\x00\x00\x00\x18\x03", b"\n\x03<s>\x15\x00\x00\x00\x00\x18\x01"
    )


PROGRAM = """
import os, pickle, sys
from netencoders import NetEncoder
content, texts = pickle.load(sys.stdin.buffer)
encoder = NetEncoder("SubwordTokens", content)
arrays = encoder(texts)
threads = list(encoder.map(texts, workers=4))
child = os.fork()
if child == 0:
    same = all((a == b).all() for a, b in zip(arrays, encoder(texts)))
    os._exit(0 if same else 5)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert all((a == b).all() for a, b in zip(arrays, threads))
print(sum(int(array.sum()) for array in arrays), len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="it counts threads")
@pytest.mark.parametrize("content", [byte_bpe, unigram, lambda: sentence_piece("unigram")])
def test_threads_of_the_libraries_play_no_part(content):
    """Ids do not depend on TOKENIZERS_PARALLELISM, and no thread or warning stays for a fork."""
    import pickle

    printed = set()
    for value in ("true", "false", None):
        environment = {key: text for key, text in os.environ.items() if "TOKENIZERS" not in key}
        environment |= {"TOKENIZERS_PARALLELISM": value} if value else {}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=pickle.dumps((content(), list(TEXTS) * 5)),
            capture_output=True,
            env=environment,
            check=False,
        )
        assert (0, b"") == (done.returncode, done.stderr)
        total, threads = done.stdout.split()
        printed.add(total)
        assert b"1" == threads
    assert 1 == len(printed)


MISSING = """
import sys
sys.modules[sys.argv[1]] = None
from netencoders import NetEncoder
encoder = NetEncoder("SubwordTokens", bytes.fromhex(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("name", "content"), [("tokenizers", words()), ("sentencepiece", b"\x0a\x03abc")]
)
def test_missing_library_names_the_extra(name, content):
    """Without its library, a tokenizer is refused with the command that installs it."""
    done = subprocess.run(
        [sys.executable, "-c", MISSING, name, content.hex()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f'needs the library {name}: pip install "netencoders[text]"' in done.stderr
    assert "ParameterError" in done.stderr
