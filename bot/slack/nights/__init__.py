"""A night's report in the admins' channel, and the buttons that decide."""
