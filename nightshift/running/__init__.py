"""What `run` and `nights` keep going, and the log of both."""
