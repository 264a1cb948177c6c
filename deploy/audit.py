"""Asks for known vulnerabilities of every pinned version (`make audit`).

Exit code 1: there are some. 2: of some packages, or all, nothing could be learnt from here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PINNED = ("constraints.txt", "constraints-torch.txt", "constraints-cuda.txt", "constraints-dev.txt")


def audit(*options: str) -> int:
    """Prints what is known to be wrong, or that nothing could be learnt; returns the exit code."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        files = [argument for name in PINNED for argument in ("-r", str(ROOT / name))]
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", *files]
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, "--progress-spinner", "off", "-f", "json", "-o", report.name, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        written = Path(report.name).read_text()
    if not written:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"NOTHING WAS AUDITED: the advisories can't be had from here ({reason}).", file=sys.stderr)  # noqa: T201
        return 2
    packages = json.loads(written)["dependencies"]
    found = [(package, each) for package in packages for each in package.get("vulns", ())]
    for package, each in found:
        mended = ", ".join(each["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {each['id']}, mended in {mended}")  # noqa: T201
    unknown = [package for package in packages if "skip_reason" in package]
    if unknown:
        names = ", ".join(package["name"] for package in unknown[:3])
        print(  # noqa: T201
            f"NOT AUDITED: {len(unknown)} of {len(packages)} packages ({names} …), of which nothing can be learnt from "
            f"here: {unknown[0]['skip_reason']}.",
            file=sys.stderr,
        )
    print(f"{len(packages) - len(unknown)} packages audited, {len(found)} known vulnerabilities.")  # noqa: T201
    return 1 if found else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(audit(*sys.argv[1:]))
