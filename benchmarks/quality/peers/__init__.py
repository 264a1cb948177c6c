"""The peers: other ways to learn from the same votes and golden pairs, each a module with a `rank`.

One that ranks by cosines gives those; the words are put beside them as beside ours (`Task.serve`).
"""
