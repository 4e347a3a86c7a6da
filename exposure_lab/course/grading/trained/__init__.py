"""Trained networks that students hand in: files, photos, scores and thresholds of tier C."""
