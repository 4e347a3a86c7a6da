"""Intake: what an instructor downloaded, as submissions and their answers; nothing is executed."""
