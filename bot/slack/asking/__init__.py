"""A question from Slack, by every way in, to the reply."""
