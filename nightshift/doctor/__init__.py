"""Whether an installation is sound: everything looked at once, each thing by itself, each fault with what to do."""
