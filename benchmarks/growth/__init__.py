"""What a corpus that grows costs in memory: reading it in, encoding it anew, and a night."""
