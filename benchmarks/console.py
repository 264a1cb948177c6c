"""Where every benchmark prints: tables to standard output, all else to standard error."""

from __future__ import annotations

import sys

from rich.console import Console

out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)  # a file has no width to fit a table into
err = Console(stderr=True, highlight=False, soft_wrap=True)
