"""Benchmarks: commands that hold Nightshift against peers and floors."""
