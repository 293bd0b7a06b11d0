"""Promise 4, with nothing excused: attempts are recorded, in whichever thread and whoever catches the error."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.served import free_port

PROGRAM = textwrap.dedent("""
    import json, os, sys, threading, time
    LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}
    attempts = []

    def watch(event, arguments):
        # Recorded, not only raised: a library may catch what is raised, and a thread dies of it in silence.
        if event in ("socket.connect", "socket.sendto", "socket.bind"):
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else ""
            allowed = LOOPBACK - {""} if event == "socket.bind" and isinstance(address, tuple) else LOOPBACK
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host, allowed = arguments[0], LOOPBACK
        else:
            return
        if isinstance(host, bytes):
            host = host.decode()
        if host not in allowed:
            attempts.append(f"{event} {host}")
            raise OSError(f"no network: {event} {host}")

    sys.addaudithook(watch)
    import urllib.request
    from qa import ask
    answer = ask("How large is Samsung's foundry order backlog expected to be?")
    assert answer.status == "answered", answer
    from qa.cli import main
    arguments = ["chat", "--no-browser", "--port", sys.argv[1]]
    threading.Thread(target=main, args=(arguments,), daemon=True).start()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        try:
            page = opener.open(f"http://127.0.0.1:{sys.argv[1]}/", timeout=120).read().decode()
            break
        except OSError:
            time.sleep(0.1)
    else:
        raise SystemExit("the app never answered")
    time.sleep(1)  # what a thread sends after the start
    import gc, gradio as gr
    blocks = [one for one in gc.get_objects() if isinstance(one, gr.Blocks) and one.is_running]
    print(json.dumps({"attempts": attempts, "analytics": [one.analytics_enabled for one in blocks]}))
    sys.stdout.flush()
    os._exit(0)
""")

# What hides an attempt: switches of other libraries that a user has not set.
SWITCHES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "GRADIO_ANALYTICS_ENABLED", "HF_HUB_DISABLE_TELEMETRY")


def test_nothing_even_tries_to_reach_beyond_this_machine(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(free_port())],
        capture_output=True,
        text=True,
        env=environment | {"XDG_CACHE_HOME": str(tmp_path)},
        timeout=180,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout.splitlines()[-1])
    assert said == {"attempts": [], "analytics": [False]}
