"""What `run` and `night` keep going."""
