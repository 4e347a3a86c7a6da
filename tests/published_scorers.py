"""Two pictures by formula, and what the published scorers' own libraries say of them.

The tests compare `evaluate` with the numbers in `golden_scores.json`. They were written by

    pip install --no-deps opencv-python-headless==5.0.0.93 piq==0.8.0 IQA_pytorch==0.1
    python tests/published_scorers.py

where these libraries do what they do in the projects that `evaluation.protocols` names, in the
same order and with the same arguments, on an image function that changes nothing. They are not
among our dependencies, so the tests themselves run without them.
"""

import json
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GOLDEN = Path(__file__).with_name("golden_scores.json")
LIBRARIES = ("opencv-python-headless", "piq", "IQA_pytorch", "scikit-image", "torch")

HEIGHT, WIDTH = 451, 390
"""px. Upright; odd, so that FECNet stretches it; so large that piq shrinks it by 2."""

Pixels = NDArray[np.uint8]


def golden_pair() -> tuple[Pixels, Pixels]:
    """An input and a target, (H, W, 3), made of whole numbers so that no machine rounds otherwise.

    Slopes with tiles on them; the input is darker and noisy, and in its middle the tiles are
    inverted.
    """
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    channels = []
    for c in range(3):
        slope = 30 + x * (50 + 30 * c) // WIDTH + y * (90 - 20 * c) // HEIGHT
        tiles = (x // 7 + y // (5 + c)) % 2
        channels.append((slope, tiles, (x * 7919 + y * 104729 + x * y * 31 + c * 53) % 23))
    target = np.stack([slope + 50 * tiles for slope, tiles, _ in channels], axis=2)
    middle = (abs(y - HEIGHT // 2) < 90) & (abs(x - WIDTH // 2) < 70)
    image = [
        (slope + 50 * np.where(middle, 1 - tiles, tiles)) * 6 // 10 + noise
        for slope, tiles, noise in channels
    ]
    return np.stack(image, axis=2).astype(np.uint8), target.astype(np.uint8)


def write_golden_pair(image: Path, target: Path) -> None:
    """The two as PNG files."""
    for path, pixels in zip((image, target), golden_pair(), strict=True):
        Image.fromarray(pixels).save(path)


def published_scores(image: Path, target: Path) -> dict[str, Any]:
    """(PSNR in dB, SSIM) by each protocol's libraries, for an output that is the input."""
    import cv2
    import piq
    import torch
    from IQA_pytorch import SSIM
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    image_bgr, target_bgr = cv2.imread(str(image)), cv2.imread(str(target))

    def batch(pixels: Any) -> torch.Tensor:
        """(1, 3, H, W) in [0, 1], red first, from OpenCV's order."""
        floats = pixels[..., ::-1].astype(np.float64 if pixels.dtype == np.float64 else np.float32)
        scale = 255 if pixels.dtype == np.uint8 else 1
        return torch.from_numpy(floats.transpose(2, 0, 1).copy() / scale).float()[None]

    # lab: an independent Gaussian SSIM, piq's without its shrinking.
    lab = (
        cv2.PSNR(image_bgr, target_bgr),
        piq.ssim(batch(image_bgr), batch(target_bgr), downsample=False).item(),
    )

    # LZ-CH: 8-bit files, scikit-image's defaults.
    native = (
        peak_signal_noise_ratio(image_bgr, target_bgr),
        structural_similarity(image_bgr, target_bgr, channel_axis=2),
    )

    # IAT: both transposed since upright, both stretched to 1200 x 900 as 8-bit pictures.
    lying = [cv2.resize(cv2.transpose(picture), (1200, 900)) for picture in (image_bgr, target_bgr)]
    a, b = (batch(picture) for picture in lying)
    error = torch.mean((a - b) ** 2)
    iat = (10 * torch.log10(1 / error)).item(), SSIM()(a, b, as_loss=False).item()

    # FECNet: the input stretched as floats, the output stored, the target stretched as 8 bit.
    width, height = -(-WIDTH // 4) * 4, -(-HEIGHT // 4) * 4
    output = cv2.resize(image_bgr.astype(np.float32) / 255, (width, height))
    stored = (output * 255).round().astype(np.uint8)
    stretched = cv2.resize(target_bgr, dsize=(width, height))
    greys = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in (stored, stretched)]
    fecnet = peak_signal_noise_ratio(stored, stretched), structural_similarity(*greys)

    # PSENet: floats, piq's defaults.
    a, b = batch(image_bgr), batch(target_bgr)
    psenet = piq.psnr(a, b).item(), piq.ssim(a, b).item()

    by_protocol = {
        "lab": lab,
        "native-expert-c": native,
        "iat-1200x900": iat,
        "fecnet-grey-ssim": fecnet,
        "psenet-expert-e": psenet,
    }
    return {
        name: {"psnr": float(psnr), "ssim": float(ssim)}
        for name, (psnr, ssim) in by_protocol.items()
    }


def main() -> None:
    """Write the golden numbers with the versions that made them."""
    with TemporaryDirectory() as folder:
        paths = Path(folder) / "input.png", Path(folder) / "target.png"
        write_golden_pair(*paths)
        scores = published_scores(*paths)
    made_by = {name: version(name) for name in LIBRARIES}
    GOLDEN.write_text(json.dumps({"scores": scores, "made_by": made_by}, indent=2) + "\n")


if __name__ == "__main__":
    main()
