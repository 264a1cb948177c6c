"""Is it fast? Encoding, training steps and searching beside the bare libraries doing the same work."""
