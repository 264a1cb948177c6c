"""What people press, pick and write about an answer and its sources."""
