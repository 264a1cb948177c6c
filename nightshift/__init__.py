"""Composition: the command line, `run`, and everything that joins the rooms into one program."""
