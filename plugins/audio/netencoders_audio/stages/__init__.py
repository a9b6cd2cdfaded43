"""Stages: pure functions and generators from array to array, one module each."""
