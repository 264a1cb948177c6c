"""The ground all stand on: settings, tables, documents, search, votes, generations."""
