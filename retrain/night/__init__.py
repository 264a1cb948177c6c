"""A night from its request to its end, and what comes between nights."""
