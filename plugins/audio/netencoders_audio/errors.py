"""The errors of the audio encoders, and the codes of `AudioError`."""

from __future__ import annotations

from netencoders import EncodeError, ParameterError

__all__ = ["AudioError", "AudioWarning", "ReconstructionError"]


class AudioError(EncodeError):
    """An audio input that cannot be encoded; `code` names the kind of problem.

    ==================== =====================================================================
    code                 meaning
    ==================== =====================================================================
    not-found            no such file
    permission           the file may not be read
    unreadable           the system or the file object cannot read it
    not-a-file           a directory, a FIFO, a socket or a device
    empty-file           a file of 0 bytes
    unrecognized         not a supported audio format
    malformed            an audio file whose content contradicts itself
    truncated            fewer samples than the header claims
    empty-audio          no samples at all
    non-finite           NaN or infinite samples
    limit-exceeded       more than `limits` allow, such as channels or hours
    not-allowed          a format or coding that `limits` do not allow
    one-pass             blocks that come only once, for an encoder that needs two passes
    too-short            fewer samples than PartitionPadding needs
    bare-array           an array without a sample rate
    unsupported-input    a value of an unsupported type
    invalid-audio        samples or a rate that are not valid
    ==================== =====================================================================
    """


class AudioWarning(UserWarning):
    """Audio that is encoded although it has a fault."""


class ReconstructionError(ParameterError):
    """A transform that cannot be inverted; `problems` lists all reasons."""
