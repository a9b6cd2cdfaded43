"""Net files: a net saved in one file, and loaded from it without running code of the file.

The file is a zip of one YAML, ``net.yaml``, and the files of the models. docs/how-to/ship-a-net.md
describes it.
"""
