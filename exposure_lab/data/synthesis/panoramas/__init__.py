"""Eight panoramas that ship with the package, in which light above white still exists."""
