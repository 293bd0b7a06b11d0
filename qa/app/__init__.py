"""The web app: a page to ask on, answers with their sources, and what disagrees with them."""

from qa.app.startup import skip_type_stubs

skip_type_stubs()
