"""What each app that the tests start imports anyway: read once, by the process that they are all forked from.

Not Gradio itself, which reads its folder from the environment as it is imported.
"""

import fastapi
import gradio_client
import httpx
import huggingface_hub.hf_api
import jinja2
import pandas
import PIL.Image
import uvicorn

import qa.ask
import qa.cli
import qa.library

__all__ = ["PIL", "fastapi", "gradio_client", "httpx", "huggingface_hub", "jinja2", "pandas", "qa", "uvicorn"]
