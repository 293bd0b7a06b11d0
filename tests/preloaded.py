"""What each app that the tests start imports anyway: read once, by the process that they are all forked from.

Gradio as the app imports it, without the package for tools: what it reads from the environment only as it is
imported belongs to routes that the app does not have.
"""

import qa.cli
from qa.app.startup import without_mcp

with without_mcp():
    import qa.app.serve.command

__all__ = ["qa"]
