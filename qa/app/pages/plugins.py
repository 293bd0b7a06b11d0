"""Pages that other packages bring to the app, by entry points, so that `qa` imports nothing of them."""

from importlib.metadata import entry_points

from qa.app.pages.site import Page
from qa.settings import Settings

GROUP = "whosays.pages"


def extra_pages(settings: Settings) -> tuple[Page, ...]:
    """Each entry point names a function that makes a page from the settings; in the order of their names."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return tuple(point.load()(settings) for point in points)
