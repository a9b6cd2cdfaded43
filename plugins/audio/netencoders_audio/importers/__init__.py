"""Importers of the configs of other tools: Hugging Face transformers, NeMo and Kaldi."""
