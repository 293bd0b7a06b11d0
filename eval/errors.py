"""What the evaluation refuses to read."""

from index.errors import WhosaysError


class GoldError(WhosaysError):
    """A gold set or data file is not in a shape that the evaluation reads."""
