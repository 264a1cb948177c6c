"""Night-time: votes become a better generation, or a reasoned refusal."""
