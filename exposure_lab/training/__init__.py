"""Training of both networks: steps, loop, validation, and the folder of a run."""
