"""What was asked and answered, with the passages that were found and shown."""
