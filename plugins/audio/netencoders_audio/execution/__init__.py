"""Execution: worker threads, and the memory that they write to."""
