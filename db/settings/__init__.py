"""What an operator can set, read once from the environment and from secret files."""
