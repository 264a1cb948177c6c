"""What would votes buy? Simulated people ask and vote through the real Slack app, and a real night learns from it."""
