"""Pairs of photos: where they come from, how they are named, how they are varied."""
