"""Policy of a download's retries: timeouts, and how often a transfer may fail."""

from typing import NamedTuple


class RetryPolicy(NamedTuple):
    """Timeouts of a transfer, in seconds, and how often it may fail."""

    connect: float = 15.0
    """Timeout until a connection stands."""
    read: float = 60.0
    """Timeout without a single byte."""
    wait: float = 1.0
    """Pause before the second attempt; twice as long before each further one."""
    attempts: int = 6
    """Attempts in a row, none of which got `least` bytes further than the ones before."""
    window: float = 120.0
    """Timeout until a response begins, and in which `least` bytes of its body must come: with one
    byte a second, no other timeout ever passes and no file ever comes."""
    least: int = 2**16
    """Bytes; a tenth of what a telephone line carries."""


RETRY_POLICY = RetryPolicy()
