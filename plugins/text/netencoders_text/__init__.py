"""The encoder and the decoder "SubwordTokens": texts as the ids of a tokenizer, and back.

The libraries tokenizers and sentencepiece are the extra ``text``. They are imported when the first
tokenizer is read.
"""

from netencoders_text.decoder import SubwordDecoder
from netencoders_text.encoder import SubwordEncoder
from netencoders_text.model import TokenizerModel

__all__ = ["SubwordDecoder", "SubwordEncoder", "TokenizerModel"]
