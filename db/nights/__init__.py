"""The nights' own rows: runs, who holds them, when they are due, and what they read and trained on."""
