"""What other processes take, as the operating system tells it."""

import subprocess


def resident_mb(pid: int) -> float:
    """Megabytes in memory."""
    shown = subprocess.run(  # noqa: S603
        ["ps", "-o", "rss=", "-p", str(pid)],  # noqa: S607 - on Linux and macOS alike
        capture_output=True,
        text=True,
        check=True,
    )
    return int(shown.stdout) * 1024 / 1e6
