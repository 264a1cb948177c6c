"""What a language model wrote, brought to one form: citations, code, thoughts, invented sources; pure."""
