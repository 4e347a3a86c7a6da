"""Weights that ship with the package, each with its recipe and its model card."""
