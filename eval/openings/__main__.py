"""How well openings and ends are read: `python -m eval.openings`; of the sealed styles only totals."""

import argparse

from eval.openings.make import read
from eval.openings.scoring import count, print_counts


def main() -> None:
    """Read the rows, count, print."""
    argparse.ArgumentParser(description="Precision and recall of what is read from openings").parse_args()
    for half in ("open", "sealed"):
        print_counts(half, count(read(half)))


if __name__ == "__main__":
    main()
