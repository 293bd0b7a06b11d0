"""Call every address of a running app as schemathesis does from a description of them, and judge the replies.

    python -m eval.robustness.schema [--address http://127.0.0.1:7860] [--seconds 60] [--tool schemathesis]

schemathesis makes arguments that fit the description and such that do not, at the edges of what it allows. No
reply may be a server's error without a sentence that says why, tell a trace or a path of the machine, or take
half a minute. Gradio's own description is closed to the outside, so that it is made here: of the endpoints as
the app tells them to programs, and of its pages. `make schema` installs the tool beside the environment.
Without `--address` an app of its own is called.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from eval.robustness.attack import app
from eval.robustness.attack_cases import API, SLOW_S, unless
from eval.robustness.attack_target import Reply, Target

TOOL = "schemathesis"
_SAID_CHARS = 90
# What only a program would say.
_TRACE = re.compile(r"Traceback|Exception|\w+Error\b|object at 0x|<class|site-packages|root:x:0|\.py\b")
_TEXT = {"type": "string"}
_PAGES: Mapping[str, Sequence[str]] = {
    "/": ("ask", "library", "publisher", "since", "until", "article", "about"),
    "/articles": ("search", "library"),
    "/disagreements": ("topic", "library"),
    "/article/{article}": ("start", "end", "beside", "library"),
}
_ANSWER = {"description": "a page, or what was asked for"}


def description(named: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.1 of the `named` endpoints, as /info tells them, of what the page sends, and of the pages."""
    paths: dict[str, Any] = {}
    for name, told in named.items():
        values = [_schema(one) for one in told["parameters"]]
        data = {"type": "array", "prefixItems": values, "minItems": len(values), "maxItems": len(values)}
        for way in ("run", "call"):
            paths[f"{API}/{way}/{name.lstrip('/')}"] = _sends({"data": data})
    event = {"data": {"type": "array"}, "fn_index": {"type": "integer"}, "session_hash": _TEXT}
    paths[f"{API}/queue/join"] = _sends(event)
    paths[f"{API}/cancel"] = _sends({**event, "event_id": _TEXT})
    paths[f"{API}/reset"] = _sends({"event_id": _TEXT})
    paths[f"{API}/queue/data"] = _shows(("session_hash",))
    for page, names in _PAGES.items():
        paths[page] = _shows(names, *re.findall(r"{(\w+)}", page))
    return {"openapi": "3.1.0", "info": {"title": "Whosays", "version": "1"}, "paths": paths}


def _schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """What Gradio says of a parameter, where that is a schema; null where it may be left out."""
    said = parameter.get("type")
    own = {key: said[key] for key in ("type", "items", "enum", "anyOf") if key in said} if said else {}
    if own and parameter.get("parameter_has_default"):
        return {"anyOf": [own, {"type": "null"}]}
    return own


def _sends(properties: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": {"200": _ANSWER}}}


def _shows(names: Sequence[str], *in_path: str) -> dict[str, Any]:
    asked: list[dict[str, Any]] = [{"name": one, "in": "query", "schema": _TEXT} for one in names]
    asked += [{"name": one, "in": "path", "required": True, "schema": _TEXT} for one in in_path]
    return {"get": {"parameters": asked, "responses": {"200": _ANSWER}}}


def call_all(target: Target, tool: str, *, seconds: int, seed: int = 0) -> Iterator[tuple[str, Reply]]:
    """Each call that the tool made, by method and path, with what came back."""
    told = json.loads(target.send(f"{API}/info").body)["named_endpoints"]
    with tempfile.TemporaryDirectory() as name:
        described, calls = Path(name) / "openapi.json", Path(name) / "calls.har"
        described.write_text(json.dumps(description(told)), encoding="utf-8")
        done = subprocess.run(  # noqa: S603  # a tool that the caller named
            [
                tool,
                *f"run {described} --url {target.address} --max-time {seconds} --seed {seed}".split(),
                *f"--report har --report-har-path {calls} --request-timeout {SLOW_S * 2}".split(),
                *"--checks not_a_server_error --continue-on-failure --no-shrink --warnings off".split(),
                *"--phases coverage,fuzzing --suppress-health-check all".split(),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=name,
        )
        if not calls.exists():
            raise RuntimeError(f"{tool} wrote no calls: {done.stdout[-2_000:]}{done.stderr[-2_000:]}")
        entries = json.loads(calls.read_text(encoding="utf-8"))["log"]["entries"]
    for one in entries:
        request, response = one["request"], one["response"]
        body = str(response["content"].get("text") or "").encode("utf-8", "replace")
        path = request["url"].removeprefix(target.address).partition("?")[0]
        yield f"{request['method']} {path}", Reply(int(response["status"]), {}, body, one["time"] / 1_000)


def flaws_of(call: str, reply: Reply) -> list[str]:
    """What is wrong with a reply; nothing, where it is an answer or says in words why it is none."""
    found = (
        unless(reply, *range(200, 500), at=call)
        if not reply.refusal
        else unless(reply, reply.status, at=call)
    )
    if reply.status >= 400 and _TRACE.search(reply.text):
        found.append(f"{call} told of the program: {reply.text[:200]!r}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Call, print how often and what was wrong, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.robustness.schema", description=__doc__)
    parser.add_argument("--address", help="of an app that runs; else one is started")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tool", default=TOOL, help="the command of schemathesis (default: %(default)s)")
    given = parser.parse_args(arguments)
    found = shutil.which(given.tool)
    if found is None:
        parser.error(f"{given.tool} is not installed: use `make schema`, or name it with --tool")
    tool = str(Path(found).absolute())  # it is run in a folder of its own
    with ExitStack() as stack:
        target = Target(given.address) if given.address else stack.enter_context(app())
        calls, said, wrong = dict[str, Counter[int]](), Counter[str](), list[str]()
        for call, reply in call_all(target, tool, seconds=given.seconds, seed=given.seed):
            path = re.sub(r"^/?article/.*", "article/…", call.partition(" ")[2])
            calls.setdefault(path, Counter())[reply.status] += 1
            said[(reply.refusal or "")[:_SAID_CHARS]] += reply.status >= 500
            wrong += flaws_of(call, reply)
            wrong += [f"{call} told where the library lies"] if target.tells_its_place(reply) else []
    for path, statuses in sorted(calls.items()):
        print(f"/{path}: " + ", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items())))
    print(
        "Said with status 500:",
        *(f"{count:>6,} {one}" for one, count in said.most_common(20) if count),
        sep="\n",
    )
    print(f"{sum(one.total() for one in calls.values()):,} calls, {len(wrong):,} wrong")
    print("\n".join(sorted(set(wrong))[:50]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
