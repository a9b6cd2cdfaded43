"""The errors of the audio encoders, and the codes of `AudioError`."""

from __future__ import annotations

from netencoders import EncodeError, ParameterError

__all__ = ["AudioError", "AudioWarning", "ReconstructionError"]


class AudioError(EncodeError):
    """An audio input cannot be encoded; `code` names the kind of problem.

    ==================== =====================================================================
    code                 meaning
    ==================== =====================================================================
    not-found            no such file
    permission           there is no permission to read the file
    unreadable           reading the file or the file object fails
    not-a-file           a directory, a FIFO, a socket or a device
    empty-file           a file of 0 bytes, or a file object at its end
    unrecognized         not a supported audio format
    unsupported-coding   a coding that no decoder here reads
    malformed            an audio file whose content contradicts itself
    truncated            fewer samples than the header claims
    empty-audio          no samples at all
    out-of-range         an excerpt beyond the end, or without frames
    no-such-channel      a channel that the recording does not have, or another number of channels
    no-such-stream       a stream of audio that the file does not have
    several-streams      a file with several streams of audio, none of which is chosen
    non-finite           NaN or infinite samples
    limit-exceeded       more than a limit, such as channels or hours; see `limits`
    not-allowed          a format or coding that the limits do not allow
    one-pass             the blocks can be read once, and the encoder needs two passes
    too-short            fewer samples than PartitionPadding needs
    bare-array           an array without a sample rate
    unsupported-input    a value of an unsupported type
    invalid-audio        an `Audio` with invalid samples or an invalid rate; an invalid argument of
                         `Audio.open` or of a helper, or value in a dict
    ==================== =====================================================================

    `EncodeError` has the parameters and the attributes.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> from netencoders_audio import AudioError
    >>> try:
    ...     NetEncoder("AudioSpectrogram")("missing.wav")
    ... except AudioError as error:
    ...     print(error.code, error.source, error.remedy, sep="; ")
    not-found; missing.wav; check the path
    """


class AudioWarning(UserWarning):
    """An input has a fault, and is encoded nevertheless."""


class ReconstructionError(ParameterError):
    """Samples cannot be reconstructed from a transform; `problems` lists all reasons.

    `ParameterError` has the parameters and the attributes.
    """
