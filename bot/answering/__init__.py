"""A question comes in, an answer with votable sources goes out."""
