"""Fine-tuning an encoder on training rows."""
