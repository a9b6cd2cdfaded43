"""The audio encoders of netencoders."""
