"""Recordings: open an input, and read its samples in blocks."""
