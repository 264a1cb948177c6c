"""The sample documents and questions that come with Nightshift."""
