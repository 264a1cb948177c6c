"""The ground both stand on: settings, schema, vector search, votes, generations."""
