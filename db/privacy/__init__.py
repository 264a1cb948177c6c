"""All that a person said, exported or erased."""
