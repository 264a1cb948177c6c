"""How often a trial errs, and how soon it sees what is there: simulated ones, by the real draw, fold and decision."""
