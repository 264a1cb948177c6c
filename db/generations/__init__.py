"""Generations: their vectors and indexes, which one serves, and how the next one takes its place."""
