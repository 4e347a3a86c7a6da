"""Both networks of the report: the U-Net that corrects, the PatchGAN that discriminates."""
