"""Capstone: a look into a network that somebody wrote, whatever its layers are called.

Weights are set by a rule that knows nothing but a tensor's shape and a number that is drawn. So two
networks with the same layers give the same values, in whatever order they define them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def probe_network(
    make: "Callable[..., Any]", want: str, key: float, pictures: "list[Tensor]"
) -> "Any":
    """Make a network, set its weights by a rule, and measure it in evaluation mode.

    ``want`` is count (parameters), layers (channels in and out of those that double), shape,
    values, skips (values without what comes through the smallest map), or field (sides of the
    square that the logit in the middle depends on).
    """
    import math

    import torch
    from torch import nn

    def fill(parameter: "Tensor", is_scale: bool) -> None:
        place = torch.full(parameter.shape, key, dtype=torch.float64)
        for axis, length in enumerate(parameter.shape):
            steps = torch.arange(length, dtype=torch.float64) * (12.99, 78.23, 37.72, 11.13)[axis]
            place += steps.reshape([-1 if one == axis else 1 for one in range(parameter.ndim)])
        noise = ((torch.sin(place) * 43758.5453) % 1.0 - 0.5) * math.sqrt(12)
        if parameter.ndim == 4:
            channels = math.sqrt(parameter.shape[0] * parameter.shape[1])
            parameter.copy_(noise * 1.3 / math.sqrt(channels * parameter[0, 0].numel()))
        else:
            parameter.copy_(1 + 0.1 * noise if is_scale else 0.1 * noise)

    network = make().eval()
    if want == "count":
        return sum(parameter.numel() for parameter in network.parameters())
    halving = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    doubling = [one for one in network.modules() if isinstance(one, nn.ConvTranspose2d)]
    if want == "layers":
        return sorted([one.in_channels, one.out_channels] for one in doubling)
    if want == "shape":
        with torch.no_grad():
            return list(network(*pictures).shape)
    with torch.no_grad():
        for module in network.modules():
            is_norm = "Norm" in type(module).__name__
            for name, parameter in module.named_parameters(recurse=False):
                fill(parameter, is_norm and name == "weight")
    if want == "skips":  # the smallest map is that of the last layer down
        seen: list[Any] = []
        for layer in halving:
            layer.register_forward_hook(lambda one, _, out: seen.append((out.shape[-1], one)))
        with torch.no_grad():
            network(*pictures)
        smallest = min(seen, key=lambda pair: pair[0])[1]
        smallest.register_forward_hook(lambda _one, _given, out: torch.zeros_like(out))
    if want == "field":
        pictures = [picture.clone().requires_grad_() for picture in pictures]
        logits = network(*pictures)
        logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
        gradient = pictures[-1].grad
        touched = torch.zeros(1, 1) if gradient is None else gradient[0].abs().sum(0) > 0
        return [int(touched.any(1).sum()), int(touched.any(0).sum())]
    with torch.no_grad():
        return network(*pictures)[..., ::3, ::3]  # a part of it, which depends on every layer
