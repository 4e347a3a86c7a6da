"""Measurements that decide claims without training: networks, losses, numbers and photos."""
