"""The encoders, the parameters that they share, and the way back to samples."""
