"""A person at a terminal: what they see and type, and how they ask and vote."""
