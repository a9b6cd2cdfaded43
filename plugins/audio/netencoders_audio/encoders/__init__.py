"""The encoders, their shared parameters, and the inverse transform."""
