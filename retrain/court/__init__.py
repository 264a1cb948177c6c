"""Is a candidate better? Evidence, and the gate that decides."""
