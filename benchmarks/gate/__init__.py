"""How often the gate promotes by luck in a year, and what it can see: simulated years, and draws from real nights."""
