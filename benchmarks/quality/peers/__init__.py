"""The peers: other ways to learn from the same votes and golden pairs, each a module with a `rank`.

Each ranks by words too, with the weight that curated pairs choose where it has one to choose.
"""
