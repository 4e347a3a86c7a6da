"""Settings of a training run that takes a second."""

TINY = (
    "data.image_size=16",
    "data.short_side=24",
    "generator.width=4",
    "discriminator.width=4",
    "discriminator.layers=1",
    "training.batch_size=4",
    "training.epochs=3",
    "training.steps_per_epoch=4",
)
"""Overrides that make a smoke run of twelve steps take a second."""
