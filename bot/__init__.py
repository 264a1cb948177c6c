"""Daytime: a question comes in, an answer with votable sources goes out."""
