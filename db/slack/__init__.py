"""What Slack's events, messages and channels need to have remembered."""
