"""A process that hangs as it stops says where, and ends."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

HANGS = """
import threading
from nightshift.running import ending

ending.ENDS_WITHIN_S = 0.2

def never_ends():
    ending.begin_to_end()
    threading.Event().wait()

never_ends()
"""


def test_what_hangs_is_said_and_the_process_ends() -> None:
    done = subprocess.run([sys.executable, "-c", HANGS], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Timeout" in done.stderr and "in never_ends" in done.stderr
