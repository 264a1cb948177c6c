"""Reading in: what a source has that is new or changed is extracted, split, encoded and stored."""
