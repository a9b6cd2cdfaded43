"""Layers, and the encoders and decoders of numbers, classes and texts, which need only numpy."""
