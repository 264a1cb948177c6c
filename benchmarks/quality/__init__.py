"""Does it learn? Nightshift's nights and its peers on the same votes and golden pairs."""
