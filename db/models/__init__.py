"""Encoders: model files found and checked by hash, loaded, and what their cosines mean."""
