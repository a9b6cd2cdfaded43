"""Recordings: an input is opened, and gives its samples in blocks."""
