"""Checks of the two images that a metric compares: sizes that are equal, and large enough."""

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image


def check_pair(image: Array, target: Array) -> None:
    """Check that two arrays are images of one size.

    Raises:
        ImageError: not such arrays, or two sizes.
    """
    check_image(image)
    check_image(target)
    if image.shape != target.shape:
        raise ImageError(
            f"Expected two pictures of one size, but got {image.shape} and {target.shape}: "
            "resize one of them first."
        )


def check_window_fits(image: Array, target: Array, side: int) -> None:
    """Check that two arrays are images of one size that have room for SSIM's window.

    Args:
        image, target: (H, W, 3), sRGB in [0, 1].
        side: of the window, px.

    Raises:
        ImageError: not such arrays, two sizes, or a side below the window's.
    """
    check_pair(image, target)
    if min(image.shape[:2]) < side:
        raise ImageError(
            f"Expected sides of at least {side} px for SSIM, but got {image.shape[:2]}: "
            "leave SSIM out for pictures this small."
        )
