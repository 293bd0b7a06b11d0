"""Where the repository and its example articles lie, for tests in any room."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
