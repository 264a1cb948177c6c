"""An answer without a language model: the best sentences of the sources."""
