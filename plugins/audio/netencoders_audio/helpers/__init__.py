"""Helpers: functions from audio to audio or a transform, on the stages of the encoders (A150)."""
