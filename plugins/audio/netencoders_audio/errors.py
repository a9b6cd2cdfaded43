"""The errors of the audio encoders, and the codes that one of them can have."""

from __future__ import annotations

from netencoders import EncodeError, ParameterError

__all__ = ["AudioError", "AudioWarning", "ReconstructionError"]


class AudioError(EncodeError):
    """One audio input that cannot be encoded; `code` tells the kind of problem.

    ==================== =====================================================================
    code                 meaning
    ==================== =====================================================================
    not-found            there is no such file
    permission           the file may not be read
    unreadable           the system or the file object fails to read it
    not-a-file           a directory, a FIFO, a socket or a device
    empty-file           a file of 0 bytes
    unrecognized         not one of the audio formats that are decoded here
    malformed            an audio file whose content contradicts itself
    truncated            fewer samples than the file promises
    empty-audio          no samples at all
    non-finite           NaN or infinite samples
    limit-exceeded       more than `limits` allow, such as channels or hours
    not-allowed          a format or coding that `limits` do not name
    one-pass             blocks that come only once, where something must be measured first
    too-short            fewer samples than PartitionPadding needs
    bare-array           an array without a sample rate
    unsupported-input    a value of a kind that is not taken
    invalid-audio        samples or a rate that make no audio
    ==================== =====================================================================
    """


class AudioWarning(UserWarning):
    """Audio that is encoded although something about it is wrong."""


class ReconstructionError(ParameterError):
    """A transform that cannot be brought back to samples; `problems` tells why, all at once."""
