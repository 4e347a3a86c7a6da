"""Formative runs: a student's whole notebook, run once for feedback. No mark comes from here."""
