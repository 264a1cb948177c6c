"""`python -m nightshift` is `nightshift`."""

from nightshift.cli import main

if __name__ == "__main__":
    main()
