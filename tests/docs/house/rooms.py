"""A small house to count, draw and write of."""

from __future__ import annotations

from pathlib import Path

from docs.house.reading import Tree, read_tree

FILES = {
    "pyproject.toml": """
[tool.house.rooms]
top = "ground < day, intake < roof"
ground = "errors < store < votes"
day = "text < slack"
"day.slack" = "asking, voting < app"
intake = "files < *"
roof = "cli"
""",
    "ground/__init__.py": '"""What all stand on."""\n',
    "ground/errors.py": '"""What goes wrong."""\n',
    "ground/store/__init__.py": '"""The database,\nopened.\n\nAnd more of it.\n"""\n',
    "ground/store/engine.py": "import ground.errors\n",
    "ground/votes/__init__.py": '"""Votes."""\n',
    "ground/votes/fold.py": "import ground.store, ground.errors\n\n\nclass Fold:\n    def cast(self):\n        pass\n",
    "ground/votes/pairs.py": "",
    "day/__init__.py": '"""Daytime."""\n',
    "day/text.py": '"""Words."""\n',
    "day/slack/__init__.py": '"""In Slack."""\n',
    "day/slack/app.py": '"""All of it."""\nimport day.slack.asking, day.slack.voting\n',
    "day/slack/asking.py": '"""Questions."""\nimport day.text, ground.votes\n\n\nasync def ask():\n    pass\n',
    "day/slack/voting.py": '"""Votes in Slack."""\nimport ground.votes\n',
    "intake/__init__.py": '"""Reading in."""\n',
    "intake/files.py": '"""Files."""\n',
    "intake/ingest.py": '"""The pass."""\nimport intake.files, ground.store\n',
    "roof/__init__.py": '"""All together."""\n',
    "roof/cli.py": '"""Commands."""\nimport day.slack.app, intake\n',
}


def write_house(root: Path) -> Tree:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return read_tree(root)
