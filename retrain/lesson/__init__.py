"""From votes and pairs to training rows, and what is kept back to judge by."""
