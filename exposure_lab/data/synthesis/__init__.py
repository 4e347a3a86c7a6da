"""Making badly exposed inputs from well exposed photos."""
