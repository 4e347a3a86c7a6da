"""Checkpoints of a run: written, found, checked and restored."""
