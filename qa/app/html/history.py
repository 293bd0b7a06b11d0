"""The way to all of a visitor's conversations; the list itself is drawn by `history.js` from what is kept."""


def opener(talks: int, turns: int, *, on_server: bool) -> str:
    """The button that opens the list, of at most so many `talks` with the newest `turns` of each.

    `on_server` tells where the conversations are kept.
    """
    where = "server" if on_server else "browser"
    return (
        f'<p class="history-line" data-kept="{where}" data-most="{talks}" data-turns="{turns}">'
        '<button type="button" class="conversations">Conversations</button></p>'
    )
