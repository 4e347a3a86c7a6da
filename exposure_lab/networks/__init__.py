"""The two networks of the report: a U-Net that corrects, a PatchGAN that judges."""
