"""Correcting photos of any size with a trained network or a baseline."""
