"""Scoring models over a set, by published protocols."""
