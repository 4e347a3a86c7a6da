"""The sets that others published: MSEC and BSDS500."""
