"""Execution: worker threads, and the memory for their results."""
