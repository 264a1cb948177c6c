"""Chat models behind an OpenAI-compatible server, whose refusals and replies become ours here."""
