#!/usr/bin/env bash
# Tests what doesn't import torch on the newest Python that is here, where that is newer than the one in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
home=.venv/newer
is_newer() {
	.venv/bin/python -c 'import sys; sys.exit(sys.argv[1:] <= [*map(str, sys.version_info[:2])])' ${1/./ }
}
find_newer() {
	local version python
	for version in 3.14 3.13 3.12; do
		is_newer "$version" || continue
		# pyenv's own python3.13 refuses where another is chosen
		for python in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
			if "$python" -c "" 2>/dev/null; then
				echo "$python"
				return
			fi
		done
	done
}
newer=$(find_newer)
if [ -z "$newer" ]; then
	echo "No newer Python is here than $(.venv/bin/python --version): nothing is tested twice."
	exit
fi
if ! [ "$home/made" -nt constraints.txt ] || ! [ "$home/made" -nt constraints-dev.txt ]; then
	"$newer" -m venv --clear "$home"
	install=("$home/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps)
	"${install[@]}" --require-hashes -r constraints.txt
	"${install[@]}" --require-hashes -r constraints-dev.txt
	"${install[@]}" --no-build-isolation -e .
	touch "$home/made"
fi
# What can't be had here, as Node, has been asked for by `make test` already; what is packed and deployed is of .venv.
# Where the time goes to servers, tables and nights that are waited for, no Python is newer than another; what loads a model
# would be begun and then skipped.
env -u CI_REQUIRE_ALL "$home/bin/python" -m pytest -p tests.without_torch -r fE --hypothesis-profile ci \
	-n logical --maxprocesses 8 --dist worksteal --durations 5 --ignore tests/deploy \
	--ignore tests/db --ignore tests/faults --ignore tests/retrain/night --ignore tests/e2e --ignore tests/benchmarks \
	--ignore tests/nightshift/cli --ignore tests/nightshift/running --ignore tests/nightshift/simulate \
	--ignore tests/nightshift/test_cli.py --ignore tests/intake/test_ingest.py
