"""The contracts: suites that every encoder, layer and decoder must pass, for pytest."""

from netencoders.testing.checks import fingerprint
from netencoders.testing.decoder_contract import DecoderContract
from netencoders.testing.encoder_contract import EncoderContract
from netencoders.testing.layer_contract import LayerContract

__all__ = ["DecoderContract", "EncoderContract", "LayerContract", "fingerprint"]
