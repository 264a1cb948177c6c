"""The peers: other ways to learn from the same votes and golden pairs, each a module with a `rank`."""
