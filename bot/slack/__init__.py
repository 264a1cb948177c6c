"""The bot in Slack: events and presses come in, answers and forms go out."""
