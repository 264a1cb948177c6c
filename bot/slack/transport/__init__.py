"""To and from Slack: client, Socket Mode, HTTP, work behind acknowledgements; its errors become ours here."""
