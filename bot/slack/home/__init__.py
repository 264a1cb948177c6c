"""App Home: what a person asked, voted and may change, and what admins see."""
