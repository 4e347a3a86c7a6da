"""Pairs as batches of tensors."""
