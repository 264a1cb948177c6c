"""How long people wait for Nightshift in Slack, beside a bot built on Bolt's synchronous `App`."""
