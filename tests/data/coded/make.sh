#!/bin/sh
# Makes the coded recordings of this folder from ten_of_clubs_16k_mono.wav, with ffmpeg 5.1 (Debian
# 12) and fdkaac 1.0, for codings that PyAV does not encode. Run it in this folder. PROVENANCE.md has the facts.
set -e
source=../ten_of_clubs_16k_mono.wav
ffmpeg -v error -y -i "$source" -t 0.5 -ar 48000 -strict -2 -c:a dca -b:a 384k -bitexact ten_of_clubs.dts
ffmpeg -v error -y -i "$source" -c:a libspeex -bitexact ten_of_clubs.spx
ffmpeg -v error -y -i "$source" -c:a libvorbis -bitexact ten_of_clubs_vorbis.webm
ffmpeg -v error -y -i "$source" -ar 32000 at_32k.wav
fdkaac --silent -p 5 -b 24000 -o ten_of_clubs_he.m4a at_32k.wav  # HE-AAC
rm at_32k.wav
