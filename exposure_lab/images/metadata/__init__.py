"""What a photo's file says beside its pixels, carried as bytes: EXIF, XMP, captions, text."""
