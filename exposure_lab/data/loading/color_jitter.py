"""Colour jitter of a whole batch, each picture by its own amounts and in its own order.

The arithmetic is torchvision's, which takes one amount for all pictures of a batch.
"""

# B batch, H height, W width; pictures (B, 3, H, W), sRGB in [0, 1]; amounts (B, 1, 1, 1)

import torch
from torch import Tensor

GREY = (0.2989, 0.587, 0.114)
"""Weights of red, green and blue in a grey, as torchvision has them: ITU-R BT.601."""


def jitter_batch(pictures: Tensor, order: Tensor, factors: Tensor) -> Tensor:
    """Change brightness, contrast, saturation and hue of each picture of a batch.

    Args:
        pictures: (B, 3, H, W), sRGB in [0, 1].
        order: (B, 4), the place of each of the four changes, from 1; 0 leaves a picture alone.
        factors: (B, 4): of brightness, contrast and saturation, 1 being none; turns of hue.

    Returns:
        (B, 3, H, W), sRGB in [0, 1].
    """
    changes = (brightness, contrast, saturation, hue)
    for place in range(1, len(changes) + 1):
        now = order == place  # (B, 4); indexing by it would wait for the GPU, `where` does not
        for number, change in enumerate(changes):
            factor = factors[:, number, None, None, None]
            changed = change(pictures, factor)
            pictures = torch.where(now[:, number, None, None, None], changed, pictures)
    return pictures


def brightness(pictures: Tensor, factor: Tensor) -> Tensor:
    """Change the brightness: scale all values of a picture."""
    return (pictures * factor).clamp(0, 1)


def contrast(pictures: Tensor, factor: Tensor) -> Tensor:
    """Change the contrast: blend a picture with its own mean grey."""
    return _blend(pictures, grey(pictures).mean((-3, -2, -1), keepdim=True), factor)


def saturation(pictures: Tensor, factor: Tensor) -> Tensor:
    """Change the saturation: blend each pixel with its own grey."""
    return _blend(pictures, grey(pictures), factor)


def hue(pictures: Tensor, turns: Tensor) -> Tensor:
    """Rotate the hue of the HSV model; grey pixels stay.

    Source: Smith 1978, the hexcone model.
    """
    highest, which = pictures.max(1, keepdim=True)
    lowest = pictures.amin(1, keepdim=True)
    chroma = highest - lowest
    # Distance of each channel from the highest, in chroma: 0 for the highest, 1 for the lowest.
    far = (highest - pictures) / torch.where(chroma > 0, chroma, 1)
    red, green, blue = far.unbind(1)
    sixths = torch.stack([blue - green, 2 + red - blue, 4 + green - red], 1).gather(1, which)
    turned = (sixths / 6 + 1 + turns) % 1.0
    # From hue back to channels: each falls from `highest` to `lowest` and rises again once a turn.
    # Plain numbers, here and in `grey`: a tensor of them would make a GPU wait for the processor.
    phase = torch.cat([(start + 6 * turned) % 6 for start in (5, 3, 1)], 1)
    return highest - chroma * torch.minimum(phase, 4 - phase).clamp(0, 1)


def grey(pictures: Tensor) -> Tensor:
    """Convert pictures to grey, (B, 1, H, W)."""
    red, green, blue = pictures.split(1, dim=1)
    weighted: Tensor = GREY[0] * red + GREY[1] * green + GREY[2] * blue
    return weighted


def _blend(pictures: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    return (factor * pictures + (1 - factor) * other).clamp(0, 1)
