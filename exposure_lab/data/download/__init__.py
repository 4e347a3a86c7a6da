"""Fetching archives from servers, whatever they send."""
