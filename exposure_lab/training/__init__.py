"""Training the two networks: the steps, the loop, and what it writes down."""
