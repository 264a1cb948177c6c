"""What Slack is shown: answers, votes, nights and App Home as blocks; pure."""
