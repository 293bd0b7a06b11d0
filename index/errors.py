"""The whole error tree. A message says what happened, to what, and what to do about it."""


class WhosaysError(Exception):
    """Every error that Whosays raises on purpose; its text is fit to show to a user."""


class SourceRefused(WhosaysError):
    """One file or page cannot become an article; the others go on."""


class LibraryError(WhosaysError):
    """A library cannot be opened, read or written as asked."""


class LibraryInUse(LibraryError):
    """Another process is writing to the library."""


class LibraryReadOnly(LibraryError):
    """A library can be read here, and not changed."""


class ArticleNotFound(LibraryError):
    """No article with this id stands in the library."""


class ModelError(WhosaysError):
    """A model is missing, damaged, or not what its name promises."""


class SettingsError(WhosaysError):
    """A setting is unknown or its value unusable."""


class QuestionError(WhosaysError):
    """A question that cannot be asked: empty, or far too long."""


def describe_error(error: BaseException) -> str:
    """What an error of another library says, on one line; its kind where it says nothing."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def dimension_error(library: str, holds: int, given: int) -> LibraryError:
    """The error of vectors that do not fit those of a library; `library` is its address."""
    return LibraryError(
        f"The library {library} holds vectors of {holds} numbers, the embedder gives {given}:"
        " open it with the embedder that it was built with"
    )
