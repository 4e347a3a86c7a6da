"""The six photographs that ship with the package, and the set rendered from them."""
