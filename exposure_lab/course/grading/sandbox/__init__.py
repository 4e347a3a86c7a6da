"""Sandbox: a process that sees no network, no files of others, and no more than its share."""
