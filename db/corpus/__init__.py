"""Documents, their passages, and who may see them."""
