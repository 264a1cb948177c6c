"""The house as its imports show it: counted, held to its order of rooms, and drawn (`python -m docs.house`)."""
