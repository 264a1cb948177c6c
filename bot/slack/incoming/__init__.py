"""What Slack sends, as plain values; pure."""
