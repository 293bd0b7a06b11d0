"""The sealed styles, designed before the reader was written.

Nobody who works on the reader looks into them, nor at the texts that they make.
"""

from collections.abc import Mapping

from eval.openings.records import (
    MONTHS,
    Laid,
    Piece,
    Style,
    american,
    american_short,
    doubtful,
    long,
    short,
    state,
    weekday,
)

_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def broadsheet(piece: Piece, turn: int) -> Laid:
    """A name and a job under a standfirst; the outlet stands in the copyright line alone."""
    time = f"{weekday(piece.day)[:3]} {short(piece.day)} 14.20 GMT"
    modified = f"Last modified on {weekday(piece.later)[:3]} {short(piece.later)} 09.05 GMT"
    stand = "What is known so far, and what the people who were there say about it"
    names = ["title", "author", "published", "publisher"]
    head = [piece.title, stand, f"{piece.author}\nPolitics correspondent", time]
    tail = f"© {piece.day.year} {piece.publisher} or its affiliated companies. All rights reserved."
    match turn % 6:
        case 1:
            head.append(modified)
            names.append("updated")
        case 2:
            head[2] = f"{piece.author} and {piece.other} in Lisbon"
        case 3:
            tail = f"Photograph: {piece.other}/Norwind Images"
            names.remove("publisher")
        case 4:
            head[2:3] = []
            names.remove("author")
        case 5:
            head.insert(0, "News\nOpinion\nSport\nCulture\nLifestyle")
    stated = state(piece, *names)
    if turn % 6 == 2:
        stated["author"] = f"{piece.author} and {piece.other}"
    return Laid("\n\n".join([*head, piece.body, tail]), stated, "clip.txt")


def wire(piece: Piece, turn: int) -> Laid:
    """A slug, a dateline with the agency in brackets, who reported at the end."""
    place = piece.draw.choice(("LISBON", "KUALA LUMPUR", "GENEVA", "PORT OF SPAIN"))
    month = MONTHS[piece.day.month - 1]
    day = f"{month[:3]} {piece.day.day}" if turn % 2 else f"{month} {piece.day.day}"
    first, *rest = piece.paragraphs
    opening = f"{place}, {day} ({piece.publisher}) - {first}"
    end = f"(Reporting by {piece.author}; Editing by {piece.other})"
    names = ["title", "publisher", "author", "published"]
    tail = [end, f"(c) Copyright {piece.publisher} {piece.day.year}."]
    match turn % 5:
        case 1:
            tail = [end]
            names.remove("published")
        case 2:
            opening = f"{place} ({piece.publisher}) — {first}"
            names.remove("published")
        case 3:
            tail = [f"{piece.publisher} {long(piece.day)} 1420 GMT"]
            names.remove("author")
        case 4:
            opening = f"{place} — {first}"
            tail = [end]
            names.remove("publisher")
            names.remove("published")
    return Laid("\n".join([piece.title, opening, *rest, *tail]), state(piece, *names), "wire copy.txt")


def release(piece: Piece, turn: int) -> Laid:
    """A firm's press release: the contact is nobody who wrote it."""
    first, *rest = piece.paragraphs
    dateline = f"PORTO, {american(piece.day)} – {first}"
    contact = f"Media contact:\n{piece.other}\n+00 555 0142\npress@{piece.site}"
    names = ["title", "publisher", "published"]
    head, tail = ["FOR IMMEDIATE RELEASE", piece.title], [f"SOURCE {piece.publisher}"]
    match turn % 4:
        case 1:
            head, dateline = ["PRESS RELEASE", long(piece.day), piece.title], first
        case 2:
            tail = [f"About {piece.publisher}\nFounded in 1994, the group has 2,300 employees.", "# # #"]
            names.remove("publisher")
        case 3:
            head = [f"News release – {piece.publisher}", piece.title]
            tail = ["ENDS", "Notes to editors: figures are for the year to 31 December 2023."]
    return Laid("\n\n".join([*head, dateline, *rest, contact, *tail]), state(piece, *names), "release.txt")


def regional(piece: Piece, turn: int) -> Laid:
    """Copied from a regional paper's app, buttons and all."""
    published = f"Published {long(piece.day)}, 2:20 pm"
    head = [piece.publisher, "News", piece.title, f"By {piece.author.upper()}", published]
    names = ["title", "publisher", "author", "published"]
    match turn % 6:
        case 1:
            head.append(f"Updated {long(piece.later)}, 9:05 am")
            names.append("updated")
        case 2:
            head[3:4] = []
            names.remove("author")
        case 3:
            head[4:5] = ["2 hours ago"]
            names.remove("published")
        case 4:
            head = ["Home / News / Local", *head[2:]]
            names.remove("publisher")
        case 5:
            head[0:2] = [f"{piece.publisher} logo", "Menu"]
            names.remove("publisher")
    text = "\n".join([*head, "Share  Save  Comments (14)", "", piece.body, "", "Sign up to our newsletter"])
    stated = state(piece, *names)
    if "author" in stated:
        stated["author"] = piece.author
    return Laid(text, stated, f"paste-{turn}.txt")


def archive(piece: Piece, turn: int) -> Laid:
    """A press archive's export: labels in capitals, a notice of rights."""
    head = [
        piece.publisher,
        f"{american(piece.day)} {weekday(piece.day)}",
        "Late edition",
        piece.title,
        f"BYLINE: {piece.author}",
        "SECTION: NEWS; Pg. 4",
        f"LENGTH: {300 + 7 * turn} words",
    ]
    tail = [
        f"LOAD-DATE: {american(piece.later)}",
        "LANGUAGE: ENGLISH",
        f"Copyright {piece.day.year} {piece.publisher}\nAll Rights Reserved",
    ]
    names = ["title", "publisher", "author", "published"]
    if turn % 4 == 1:
        head[4] = "BYLINE: none"
        names.remove("author")
    if turn % 4 == 2:
        tail = tail[:2]
    if turn % 4 == 3:
        head[1] = f"{MONTHS[piece.day.month - 1]} {piece.day.year}"
    stated = state(piece, *names)
    if turn % 4 == 3:
        stated["published"] = piece.day.isoformat()[:7]
    return Laid("\n".join([*head, "", piece.body, "", *tail]), stated, f"doc{turn}.txt")


def german(piece: Piece, turn: int) -> Laid:
    """A German portal's furniture round the text."""
    named = f"{piece.day.day}. {_GERMAN[piece.day.month - 1]} {piece.day.year}"
    dotted = f"{piece.day:%d.%m.%Y}"
    names = ["title", "publisher", "author", "published"]
    head = [piece.title, f"Von {piece.author}", f"Veröffentlicht am {named}, 14:20 Uhr"]
    tail = [f"Quelle: {piece.publisher}"]
    match turn % 5:
        case 1:
            head[2] = f"Stand: {dotted}, 14:20 Uhr"
            if doubtful(piece.day):
                names.remove("published")
        case 2:
            head[2] = f"{piece.publisher}, {named}"
            tail = ["Artikel teilen"]
        case 3:
            head[2] = (
                f"Lesezeit: 3 Minuten\nVeröffentlicht am {named}\nAktualisiert am {piece.later:%Y-%m-%d}"
            )
            names.append("updated")
        case 4:
            head[1:2] = []
            names.remove("author")
            tail = [f"Foto: {piece.other}", f"© {piece.publisher} {piece.day.year}"]
    return Laid("\n".join([*head, "", piece.body, "", *tail]), state(piece, *names), "artikel.txt")


def blog(piece: Piece, turn: int) -> Laid:
    """A blog's post with its crumbs and its categories."""
    names = ["title", "publisher", "author", "published"]
    head = [piece.publisher, piece.title, f"Posted on {american(piece.day)} by {piece.author}"]
    tail = ["Filed under: News · Tagged: harbour, council, 2019 · 3 Comments"]
    match turn % 5:
        case 1:
            head[0] = f"Home » Archive » {MONTHS[piece.day.month - 1]} » {piece.title}"
            names.remove("publisher")
        case 2:
            head[2] = f"{american_short(piece.day)} · {2 + turn % 5} min read"
            names.remove("author")
        case 3:
            head[2] = f"Written by {piece.author} in News on {long(piece.day)}"
        case 4:
            tail.append(f"{piece.other} says: {american(piece.later)} at 11:02 — Thank you for this!")
    return Laid("\n\n".join([*head, piece.body, *tail]), state(piece, *names), "post.txt")


def newsletter(piece: Piece, turn: int) -> Laid:
    """A newsletter as it lies in the mail."""
    stamp = f"{weekday(piece.day)[:3]}, {piece.day:%d} {MONTHS[piece.day.month - 1][:3]} {piece.day.year}"
    names = ["title", "publisher", "published"]
    head = [
        f"From: {piece.publisher} <news@{piece.site}>",
        "To: undisclosed-recipients",
        f"Date: {stamp} 06:02:11 +0000",
        f"Subject: {piece.title}",
    ]
    tail = ["You receive this e-mail because you subscribed. Unsubscribe"]
    match turn % 4:
        case 1:
            head = ["---------- Forwarded message ---------", *head]
        case 2:
            head[0] = f"From: {piece.author} <{piece.author.split()[0].lower()}@{piece.site}>"
            tail = [f"Best,\n{piece.author}"]
            names[1] = "author"
        case 3:
            head[2] = f"Sent: {weekday(piece.day)}, {american(piece.day)} 6:02 AM"
    return Laid("\n".join([*head, "", piece.body, "", *tail]), state(piece, *names), "mail.txt")


def cutting(piece: Piece, turn: int) -> Laid:
    """A cutting with its reference below the text and nothing above it."""
    page = piece.draw.randint(1, 24)
    names = ["publisher", "published"]
    head: list[str] = []
    match turn % 5:
        case 0:
            tail = f"— {piece.publisher}, {american(piece.day)}, p. A{page}"
        case 1:
            tail = f"({piece.publisher}, {long(piece.day)})"
        case 2:
            head = [
                f"{weekday(piece.day)}, {long(piece.day)} saw the first of it: what came next took months."
            ]
            tail = f"[{piece.publisher}, page {page}]"
            names.remove("published")
        case 3:
            tail = f'{piece.author}: "{piece.title}". {piece.publisher}, {long(piece.day)}, p. {page}.'
            names = ["title", "author", "publisher", "published"]
        case _:
            head = ["By the time the doors were opened, most of the crowd had gone home."]
            tail = "END OF CUTTING"
            names = []
    return Laid("\n\n".join([*head, piece.body, tail]), state(piece, *names), f"cutting {turn}.txt")


def magazine(piece: Piece, turn: int) -> Laid:
    """A monthly: the issue, words and pictures."""
    issue = f"{MONTHS[piece.day.month - 1]} {piece.day.year}"
    names = ["title", "publisher", "author", "published"]
    head = [f"{piece.publisher} | {issue}", piece.title, f"Words: {piece.author}\nPictures: {piece.other}"]
    match turn % 4:
        case 1:
            head[2] = f"Words {piece.author} / Photographs {piece.other}"
        case 2:
            head[0] = f"{piece.publisher}, {issue}, No. {200 + turn}"
            head[2] = f"Text by {piece.author}"
        case 3:
            head[0] = piece.publisher.upper()
            names.remove("published")
    stated = state(piece, *names)
    if "published" in stated:
        stated["published"] = piece.day.isoformat()[:7]
    return Laid("\n\n".join([*head, piece.body]), stated, "magazine.txt")


def notes(piece: Piece, turn: int) -> Laid:
    """A researcher's clipping with a note of where it is from."""
    names = ["title", "publisher", "published"]
    slashed = f"{piece.day:%d/%m/%Y}"
    match turn % 5:
        case 0:
            head = f"[{piece.publisher}, {slashed}]"
            if doubtful(piece.day):
                names.remove("published")
        case 1:
            head = f"Clipped from {piece.publisher} ({piece.day.isoformat()})"
        case 2:
            head = f"Outlet: {piece.publisher}\nDate: {slashed}\nAccessed: {piece.later.isoformat()}"
            if doubtful(piece.day):
                names.remove("published")
        case 3:
            head = f"via {piece.publisher}, {american_short(piece.day)}"
        case _:
            head = f"Retrieved {long(piece.later)} from https://{piece.site}/news/{turn}4711"
            names = ["title"]
    return Laid("\n\n".join([head, piece.title, piece.body]), state(piece, *names), f"note_{turn}.txt")


def listing(piece: Piece, turn: int) -> Laid:
    """All in one line above the text."""
    names = ["title", "publisher", "published"]
    match turn % 5:
        case 0:
            head = f"{piece.day.isoformat()} | {piece.publisher} | {piece.title}"
        case 1:
            head = f"{piece.title} | {piece.publisher} | {long(piece.day)}"
        case 2:
            head = f"{piece.publisher} · {short(piece.day)}\n{piece.title}"
            names.append("title")
        case 3:
            head = f"{piece.title}\n{piece.author} | {piece.publisher} | {american(piece.day)}"
            names.append("author")
        case _:
            head = f"{piece.title}\n{american(piece.day)}  {piece.publisher}"
    stated = state(piece, *names)
    if turn % 5 in (0, 1):
        del stated["title"]  # a line that holds more than a title is no title
    return Laid(f"{head}\n\n{piece.body}", stated, "list.txt")


def broadcast(piece: Piece, turn: int) -> Laid:
    """A station's transcript or radio bulletin."""
    names = ["publisher", "published"]
    speaker = piece.other.split()[-1].upper()
    first, *rest = piece.paragraphs
    head = [f"{piece.publisher} – noon bulletin – {long(piece.day)}", "TRANSCRIPT"]
    match turn % 4:
        case 1:
            head = [piece.title, f"Broadcast on {piece.publisher}, {american(piece.day)}"]
            names.append("title")
        case 2:
            head = ["TRANSCRIPT", f"Aired {american(piece.day)} - 20:00 ET"]
            names = ["published"]
        case 3:
            head = [piece.publisher.upper(), f"{weekday(piece.day)} {long(piece.day)}, 18:00"]
    spoken = [f"PRESENTER: {first}", *(f"{speaker}: {one}" for one in rest)]
    return Laid("\n".join([*head, *spoken]), state(piece, *names), "transcript.txt")


def reader_view(piece: Piece, turn: int) -> Laid:
    """A browser's reader view; the day is in the file's name at most."""
    names = ["title", "author"]
    head = [piece.title, piece.author, f"{3 + turn % 4}-{5 + turn % 4} minutes"]
    name = "readerview.txt"
    match turn % 4:
        case 0:
            name = f"{piece.day.isoformat()}_{piece.site.removesuffix('.example')}.txt"
            names.append("published")
        case 1:
            name = f"{piece.day:%Y%m%d}.txt"
            names.append("published")
        case 2:
            name = f"scan{piece.day:%d%m}.txt"
        case _:
            name = f"{piece.site}-{piece.day.year}-{piece.day.month:02}-{piece.day.day:02}-{turn}.txt"
            names.append("published")
    return Laid("\n\n".join([*head, piece.body]), state(piece, *names), name)


STYLES: Mapping[str, Style] = {
    one.__name__: one
    for one in (
        broadsheet, wire, release, regional, archive, german, blog, newsletter, cutting, magazine, notes,
        listing, broadcast, reader_view,
    )
}  # fmt: skip
