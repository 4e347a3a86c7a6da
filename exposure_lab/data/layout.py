"""How MSEC and every set like it lies on the disk: folders and suffixes.

Source: Afifi et al. 2021; the shorter folder names are those of later projects that use their set.
"""

SPLIT_FOLDERS = {
    "training": ("training", "train"),
    "validation": ("validation", "val"),
    "test": ("testing", "test"),
}
"""Split -> what its folder may be called."""

INPUTS = "INPUT_IMAGES"

TARGET_FOLDERS = ("GT_IMAGES", "expert_c_testing_set")
"""Where a split's targets are: training and validation, test."""

EXPERTS = tuple(f"expert_{letter}_testing_set" for letter in "abcde")
"""Five people retouched each photo of the test set; expert C's are the targets."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")
"""What is read as a picture of a pair, in lower case."""
