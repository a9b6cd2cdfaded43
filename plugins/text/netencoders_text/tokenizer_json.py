"""TokenizerJson: the tokenizer of a tokenizer.json, by the library tokenizers of Hugging Face."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from netencoders_text.growing import MAX_GROWTH, growth_of, repeats_of
from netencoders_text.tokenizer import ModelError, Pieces, Tokenizer, UnknownTokenError, library

__all__ = ["TokenizerJson"]

_UNKNOWN: Final = "\ufdd0netencoders: unknown\ufdd1"
"""A token for characters that a BPE would leave out. U+FDD0 is no character of any text."""
_SIDES: Final = {"left": "Start", "right": "End"}
_CUT: Final = {"Start": "right", "End": "left"}
_PADDING: Final = ("[PAD]", "<pad>")


class TokenizerJson(Tokenizer):
    """The tokenizer of a tokenizer.json. Its own truncation and padding have no effect.

    Parameters
    ----------
    content : bytes
        The content of the file.

    Raises
    ------
    ModelError
        It is no tokenizer.json that can be used.
    """

    kind = "tokenizer.json"

    def __init__(self, content: bytes) -> None:
        module = library("tokenizers")
        try:
            text = content.decode()
        except UnicodeDecodeError as problem:
            raise ModelError(f"It is not UTF-8, at byte {problem.start}.") from None
        self._made = module.Tokenizer.from_str
        with _library_errors("it is not read as a tokenizer.json: "):
            tokenizer = self._made(text)
            # The library reads the file, so its own form of the content is checked: a key that is
            # given twice has one value there.
            declared: Mapping[str, Any] = json.loads(tokenizer.to_str())
        _check(declared)
        vocabulary: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
        if not vocabulary:
            raise ModelError("Its vocabulary is empty.")
        self._codes = vocabulary
        self.high = max(vocabulary.values())
        self.growth = growth_of(declared.get("normalizer"))
        self.decoded_growth = growth_of(declared.get("decoder"))
        self._special = {
            each["id"] for each in declared.get("added_tokens", ()) if each.get("special")
        }
        padding = tokenizer.padding
        if padding:
            self.padding = padding["pad_id"]
            self.padding_side = _SIDES[padding["direction"]]
        else:
            named = (vocabulary.get(name) for name in _PADDING)
            self.padding = next((code for code in named if code in self._special), None)
        self._outside: int | None = None
        if _leaves_out(declared, vocabulary):
            self._outside = self.high + 1
            text = json.dumps(_with_unknown(declared, self._outside))
            with _library_errors("it is not read as a tokenizer.json: "):
                tokenizer = self._made(text)
        self._tokenizer = self._plain(tokenizer)
        self._text = text
        self._count = tokenizer.num_special_tokens_to_add(False)

    def _plain(self, tokenizer: Any) -> Any:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def special_problem(self, special: bool | str) -> str:
        """Return why the value of AddSpecialTokens does not fit, or an empty text."""
        if isinstance(special, bool):
            return ""
        return "must be True or False for a tokenizer.json, which states its special tokens"

    def special_count(self, special: bool | str) -> int:
        """Return the number of special tokens that are added to each text."""
        return self._count if special else 0

    def cut_to(self, length: int, keep: str) -> TokenizerJson:
        """Return a tokenizer that keeps at most `length` tokens of a text, at the side `keep`.

        The library cuts. A tokenizer that others use must not change, so a new one is made.
        """
        cut = copy.copy(self)
        cut._tokenizer = self._plain(self._made(self._text))
        cut._tokenizer.enable_truncation(length, direction=_CUT[keep])
        return cut

    def normalized(self, text: str) -> str:
        """Return a text after the normalization of the file."""
        normalizer = self._tokenizer.normalizer
        if normalizer is None:
            return text
        with _library_errors("the library tokenizers fails: "):
            result: str = normalizer.normalize_str(text)
            return result

    def encode(self, text: str, special: bool | str) -> Pieces:
        """Return the tokens of a text."""
        with _library_errors("the library tokenizers fails: "):
            encoding = self._tokenizer.encode(text, add_special_tokens=bool(special))
            ids: list[int] = encoding.ids
            if self._outside is not None:
                for each in (encoding, *encoding.overflowing):
                    self._check_known(each, text)
            return Pieces(ids, encoding.type_ids)

    def _check_known(self, encoding: Any, text: str) -> None:
        for place, code in enumerate(encoding.ids):
            if code == self._outside:
                start, end = encoding.offsets[place]
                raise UnknownTokenError(
                    f"{text[start:end]!r:.40} at position {start} has no token, and the model is a "
                    "BPE without a token for unknown characters"
                )

    def decode(self, ids: list[int], *, skip: bool) -> str:
        """Return the text of some ids; `skip` leaves special tokens out."""
        with _library_errors("the library tokenizers fails: "):
            text: str = self._tokenizer.decode(ids, skip_special_tokens=skip)
            return text

    def token(self, code: int) -> str | None:
        """Return the token of an id, or None if the id has none."""
        token: str | None = self._tokenizer.id_to_token(code)
        return token

    def code(self, token: str) -> int | None:
        """Return the id of a token, or None if there is no such token."""
        return self._codes.get(token)

    def is_special(self, code: int) -> bool:
        """Return whether an id is that of a special token."""
        return code in self._special


def _check(declared: Mapping[str, Any]) -> None:
    """Refuse what would draw random numbers, or make much more of a text than there is.

    Raises
    ------
    ModelError
        The tokenizer is one of these.
    """
    if declared["model"].get("dropout"):
        raise ModelError(
            f"Its model has the dropout {declared['model']['dropout']}, so that ids are drawn at "
            'random. Set "dropout" to null in the file.'
        )
    for part in ("normalizer", "decoder"):
        growth = growth_of(declared.get(part))
        if growth > MAX_GROWTH:
            raise ModelError(
                f"Its {part} may make {growth if growth < 10**12 else 'over 10^12'} bytes of one "
                f"byte, and the limit is {MAX_GROWTH}."
            )
    if (repeats := repeats_of(declared.get("post_processor"))) != 1:
        shown = repeats if repeats < 10**12 else "over 10^12"
        raise ModelError(f"Its post_processor gives each text {shown} times, not once.")


def _leaves_out(declared: Mapping[str, Any], vocabulary: Mapping[str, int]) -> bool:
    """Return whether the model is a BPE that leaves out characters without a token."""
    model = declared["model"]
    if model.get("type") != "BPE" or model.get("unk_token") is not None:
        return False
    if model.get("byte_fallback") and all(f"<0x{byte:02X}>" in vocabulary for byte in range(256)):
        return False
    parts = json.dumps([declared.get("normalizer"), declared.get("pre_tokenizer")])
    if '"ByteLevel"' not in parts:
        return True
    alphabet = library("tokenizers").pre_tokenizers.ByteLevel.alphabet()
    return not all(each in vocabulary for each in alphabet)


def _with_unknown(declared: Mapping[str, Any], code: int) -> dict[str, Any]:
    """Return the declaration with a token for unknown characters, which the file does not have."""
    model = declared["model"]
    vocabulary = {**model["vocab"], _UNKNOWN: code}
    return {**declared, "model": {**model, "vocab": vocabulary, "unk_token": _UNKNOWN}}


@contextmanager
def _library_errors(head: str) -> Iterator[None]:
    """Raise errors of the library as ModelError.

    Raises
    ------
    ModelError
        The library raises an error, or panics.
    """
    try:
        yield
    except ModelError:
        raise
    except Exception as problem:
        text = " ".join(str(problem).split())
        kind = UnknownTokenError if "unk" in text.lower() else ModelError
        raise kind(f"{head}{text:.300}") from None
    except BaseException as problem:
        # A panic of Rust is no Exception. Its class cannot be imported.
        if type(problem).__name__ != "PanicException":
            raise
        raise ModelError(f"{head}{problem!s:.300}") from None
