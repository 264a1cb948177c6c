"""What each part of the night's training, and of its fit of a ranking, is worth: the same votes without it."""
