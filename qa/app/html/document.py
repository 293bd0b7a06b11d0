"""A whole page as a browser gets it: with the style and the script that all pages of the app share."""

from importlib import resources

from qa.app.html.render import escape

TAGLINE = "Ask your articles. See who says what, and who disagrees."


def style() -> str:
    """All stylesheets, the common one first, then those of single pages by name."""
    return _join(".css", first="style.css")


def script() -> str:
    """All scripts, the common one first: articles open beside the page, the newest turn comes into view."""
    return _join(".js", first="page.js")


def _join(ending: str, first: str) -> str:
    folder = resources.files("qa.app.html")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(ending))
    names.sort(key=lambda name: name != first)
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in names)


def head() -> str:
    """What the page's head gets: style and script in the page itself, so that nothing else is fetched."""
    return f"<style>{style()}</style><script>{script()}</script>"


def document(title: str, main: str, *, script: str = "") -> str:
    """A page of its own, in the app's style; `script` runs once all of it stands."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style()}</style></head>"
        f'<body class="alone">{main}{f"<script>{script}</script>" if script else ""}</body></html>'
    )
