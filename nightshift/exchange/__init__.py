"""What people said, for other programs and from another Nightshift: folders that `datasets` and trainers read."""
