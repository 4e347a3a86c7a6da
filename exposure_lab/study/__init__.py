"""The report's claims: what it says, and in time what the experiments said to it."""
