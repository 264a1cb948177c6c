"""Answers as Slack shows them, within its limits, and nothing in them that was not meant to be there."""
