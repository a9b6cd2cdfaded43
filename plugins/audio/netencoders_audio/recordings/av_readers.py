"""The readers of PyAV: the fixed table of containers and codings that it decodes (A90)."""

from __future__ import annotations

from typing import Final

from netencoders_audio.recordings.av_decoder import AvTrack
from netencoders_audio.recordings.readers import AudioReader

__all__ = ["AV_READERS", "CODINGS_OF"]

_PCM: Final = (
    "PCM_U8 PCM_16 PCM_16_BE PCM_24 PCM_24_BE PCM_32 PCM_32_BE "
    "FLOAT FLOAT_BE DOUBLE DOUBLE_BE ULAW ALAW"
)
CODINGS_OF: Final = {
    "MP4": f"AAC ALAC OPUS VORBIS FLAC MPEG_LAYER_III MP2 AC3 EAC3 DTS AMR_NB AMR_WB PCM_S8 {_PCM}",
    "MATROSKA": f"AAC ALAC OPUS VORBIS FLAC MPEG_LAYER_III MP2 AC3 EAC3 DTS WAVPACK {_PCM}",
    "ADTS": "AAC",
    "AMR": "AMR_NB AMR_WB",
    "AC3": "AC3 EAC3",
    "DTS": "DTS",
    "WAVPACK": "WAVPACK",
    "TTA": "TTA",
    "APE": "APE",
    "ASF": "WMAV1 WMAV2 WMAPRO WMALOSSLESS",
    "AVI": "PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW MS_ADPCM "
    "MPEG_LAYER_III MP2 AC3 DTS AAC",
    "FLV": "AAC MPEG_LAYER_III PCM_U8 PCM_16 ULAW ALAW",
    "MPEGTS": "AAC AC3 EAC3 DTS MPEG_LAYER_III MP2",
    "OGG": "SPEEX",
    "FLAC": "FLAC",
    "CAF": "ALAC",
    "WAV": "G722 GSM",
}
"""The codings of each container, by their names. Other decoders of FFmpeg are not used."""

AV_READERS: Final = tuple(
    AudioReader(container, coding, AvTrack, "av")
    for container, codings in CODINGS_OF.items()
    for coding in codings.split()
)
