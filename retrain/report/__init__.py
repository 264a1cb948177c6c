"""A night's report: text, figures, plot."""
