"""What people who don't vote by what they read cost: with the night's defences, and without."""
