"""What each part of the night's training is worth: the same votes without it."""
