"""The contracts: suites that every encoder and every layer must pass, for pytest."""

from netencoders.testing.checks import fingerprint
from netencoders.testing.encoder_contract import EncoderContract
from netencoders.testing.layer_contract import LayerContract

__all__ = ["EncoderContract", "LayerContract", "fingerprint"]
