"""The open styles: the reader is fitted on them, and its failures on them may be looked at."""

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

_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_ITALIAN = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()
)


def byline(piece: Piece, turn: int) -> Laid:
    """A byline that holds all, as papers print it."""
    names = ["title", "author", "publisher", "published"]
    match turn % 6:
        case 0:
            line = f"By {piece.author}, {piece.publisher} / {long(piece.day)}"
        case 1:
            line = f"by {piece.author} | {piece.publisher} | {american(piece.day)}"
        case 2:
            line = f"By {piece.author} for {piece.publisher}, {short(piece.day)}"
        case 3:
            line = f"BY {piece.author.upper()}\n{piece.publisher.upper()}\n{american(piece.day).upper()}"
        case 4:
            line = f"By {piece.author}\nSenior correspondent, {piece.publisher}"
            names.remove("published")
        case _:
            line = "By nightfall the last of them had left."
            names = ["title"]
    return Laid("\n\n".join([piece.title, line, piece.body]), state(piece, *names), "a.txt")


def first_line(piece: Piece, turn: int) -> Laid:
    """The outlet and the day above all else."""
    names = ["title", "publisher", "published"]
    match turn % 5:
        case 0:
            head = f"{piece.publisher}, {long(piece.day)}\n\n{piece.title}"
        case 1:
            head = f"{piece.publisher} ({american_short(piece.day)})\n{piece.title}"
        case 2:
            day = f"{weekday(piece.day)}, {long(piece.day)}".upper()
            head = f"{piece.publisher.upper()}\n{day}\n\n{piece.title}"
        case 3:
            head = f"{piece.publisher}\n{piece.title}"
            names.remove("published")
        case _:
            head = f"{american(piece.day)}: the day that changed {piece.publisher.split()[0]}"
            names = []
    return Laid(f"{head}\n\n{piece.body}", state(piece, *names), f"{turn}.txt")


def labels(piece: Piece, turn: int) -> Laid:
    """A block of labels above the text, or below it."""
    block = [
        f"Title: {piece.title}",
        f"Publisher: {piece.publisher}",
        f"Author: {piece.author}",
        f"Date: {long(piece.day)}",
    ]
    names = ["title", "publisher", "author", "published"]
    match turn % 6:
        case 1:
            block = [f"Headline: {piece.title}", f"Source: {piece.publisher}", f"Published: {piece.day}"]
            names.remove("author")
        case 2:
            block[1:3] = [f"Newspaper: {piece.publisher}", f"Written by: {piece.author}"]
            block.append(f"Updated: {long(piece.later)}")
            names.append("updated")
        case 3:
            block = [f"Source: {piece.publisher}", f"Date: {piece.day:%m/%d/%Y}", f"Photo: {piece.other}"]
            names = ["publisher"] if doubtful(piece.day) else ["publisher", "published"]
        case 4:
            return Laid(
                f"{piece.title}\n\n{piece.body}\n\nSource: {piece.publisher}\n"
                f"Publication date: {short(piece.day)}\nRetrieved: {short(piece.later)}",
                state(piece, "title", "publisher", "published"),
            )
        case 5:
            block = [f"Topic: {piece.title}", f"Venue: {piece.publisher}", f"Event date: {long(piece.later)}"]
            names = []
    return Laid("\n".join([*block, "", piece.body]), state(piece, *names), "b.txt")


def dateline(piece: Piece, turn: int) -> Laid:
    """A place, a day and an agency before the first sentence."""
    first, *rest = piece.paragraphs
    place = piece.draw.choice(("OSLO", "Nairobi", "NEW DELHI", "SÃO PAULO", "WELLINGTON, New Zealand"))
    month = MONTHS[piece.day.month - 1]
    names = ["title", "publisher"]
    tail: list[str] = []
    match turn % 7:
        case 0:
            start = f"{place}, {month[:3]} {piece.day.day} ({piece.publisher}) - "
        case 1:
            start = f"{place}, {piece.day.day} {month} ({piece.publisher}) – "
            tail = [f"© {piece.day.year} {piece.publisher}"]
            names.append("published")
        case 2:
            start = f"{place} ({piece.publisher}) -- "
        case 3:
            start, names = f"{place} — ", ["title"]
        case 4:
            start = f"{place}, {american(piece.day)} /{piece.publisher}/ -- "
            names.append("published")
        case 5:
            start, names = f"{place} (population 4,100) — ", ["title"]
        case _:
            start = f"{place}: "
            names = ["title"]
    return Laid("\n\n".join([piece.title, start + first, *rest, *tail]), state(piece, *names), "wire.txt")


def front_matter(piece: Piece, turn: int) -> Laid:
    """The block of a static site, in a text file."""
    names = ["title", "publisher", "author", "published"]
    title = piece.title.replace('"', "'")
    lines = [f'title: "{title}"', f"author: {piece.author}", f"date: {piece.day}"]
    lines.append(f"publisher: {piece.publisher}" if turn % 2 else f'source: "{piece.publisher}"')
    match turn % 4:
        case 1:
            lines.append(f"updated: {piece.later}")
            names.append("updated")
        case 2:
            lines = [lines[0], f"tags: [news, {piece.publisher.split()[0]}]", "draft: false"]
            names = ["title"]
        case 3:
            lines[2] = f"published: {american(piece.day)}"
    stated = state(piece, *names)
    stated["title"] = title
    return Laid("\n".join(["---", *lines, "---", "", piece.body]), stated, "post.txt")


def masthead(piece: Piece, turn: int) -> Laid:
    """A site's line above, published and updated below the headline."""
    names = ["title", "publisher", "published"]
    head = [piece.publisher, piece.title, f"Published: {long(piece.day)} | Updated 14:20"]
    match turn % 6:
        case 1:
            head[2] = (
                f"Published {american(piece.day)} at 2:20 p.m. | Updated {american(piece.later)} at 9:05 a.m."
            )
            names.append("updated")
        case 2:
            head[2] = f"Updated {short(piece.later)}"
            names[2] = "updated"
        case 3:
            head = [f"{piece.publisher} | World | Europe", piece.title, f"{short(piece.day)}, 14:20"]
        case 4:
            head = ["Skip to content", f"{piece.publisher}", "Subscribe", piece.title, "3 hours ago"]
            names.remove("published")
        case 5:
            head = ["World | Business | Sport | Weather", piece.title, f"Updated on {long(piece.later)}"]
            names = ["title", "updated"]
    return Laid("\n".join([*head, "", piece.body]), state(piece, *names), "c.txt")


def emphasis(piece: Piece, turn: int) -> Laid:
    """Markdown that states in emphasis what front matter would."""
    names = ["title", "publisher", "author", "published"]
    head = [f"# {piece.title}", f"*By {piece.author}, {long(piece.day)}*", f"**{piece.publisher}**"]
    tail: list[str] = []
    match turn % 4:
        case 1:
            head[1:] = [f"_{piece.publisher}, {piece.day}_"]
            names.remove("author")
        case 2:
            head[1:], tail = [f"**{piece.author}**"], ["---", f"*Originally published in {piece.publisher}*"]
            names.remove("published")
        case 3:
            head[1:] = [f"> {piece.paragraphs[0][:60]} ..."]
            names = ["title"]
    return Laid("\n\n".join([*head, piece.body, *tail]), state(piece, *names), "d.md")


def rights(piece: Piece, turn: int) -> Laid:
    """The outlet stands in the notice of rights at the end."""
    names = ["title", "publisher", "published"]
    head = [piece.title, long(piece.day)]
    year = piece.day.year
    tail = [f"(c) {year} {piece.publisher}. All rights reserved."]
    match turn % 6:
        case 1:
            tail = [f"Copyright © {year} {piece.publisher}"]
        case 2:
            tail = [f"© {piece.publisher} {year}. Reproduction without permission is prohibited."]
        case 3:
            head[1:] = [f"By {piece.author}"]
            tail = [f"This article first appeared in {piece.publisher}."]
            names = ["title", "author", "publisher"]
        case 4:
            head[1:] = [f"Photo © {year} {piece.other}"]
            tail = ["All rights reserved."]
            names = ["title"]
        case 5:
            tail = [
                "Terms of use | Privacy | About us | Contact",
                f"© {year} {piece.publisher}, {piece.site}",
            ]
    return Laid("\n\n".join([*head, piece.body, *tail]), state(piece, *names), "e.txt")


def romance(piece: Piece, turn: int) -> Laid:
    """French, Spanish and Italian furniture."""
    day, month, year = piece.day.day, piece.day.month - 1, piece.day.year
    names = ["title", "author", "published"]
    match turn % 6:
        case 0:
            head = [f"Par {piece.author}", f"Publié le {day} {_FRENCH[month]} {year} à 14h20"]
        case 1:
            head = [f"{piece.publisher} | {day} de {_SPANISH[month]} de {year}"]
            names = ["title", "publisher", "published"]
        case 2:
            head = [f"di {piece.author}", f"{day} {_ITALIAN[month]} {year}", piece.publisher]
            names.append("publisher")
        case 3:
            head = [f"Por {piece.author}, {piece.publisher}, {day} de {_SPANISH[month]}"]
            names = ["title", "author", "publisher"]
        case 4:
            later = f"{piece.later.day} {_FRENCH[piece.later.month - 1]} {piece.later.year}"
            head = [f"Publié le {day} {_FRENCH[month]} {year}, mis à jour le {later}"]
            names = ["title", "published", "updated"]
        case _:
            head = [f"Depuis le {day} {_FRENCH[month]} {year}, plus rien ne bouge"]
            names = ["title"]
    return Laid("\n".join([piece.title, *head, "", piece.body]), state(piece, *names), "f.txt")


def letter(piece: Piece, turn: int) -> Laid:
    """A mail with its header, pasted."""
    stamp = f"{weekday(piece.day)[:3]}, {short(piece.day)} 14:20:00 +0100"
    head = [f"From: {piece.author} <{piece.author.split()[-1].lower()}@mail.example>", f"Date: {stamp}"]
    head += [f"To: {piece.other} <{piece.other.split()[0].lower()}@mail.example>", f"Subject: {piece.title}"]
    names = ["title", "author", "published"]
    match turn % 4:
        case 1:
            head[0] = f"From: {piece.publisher} <briefing@{piece.site}>"
            names[1] = "publisher"
        case 2:
            head = [f"On {american(piece.day)}, {piece.author} wrote:"]
            names = ["author", "published"]
        case 3:
            head = [f"Dear {piece.other},", "please find below what we have on it so far."]
            names = []
    return Laid("\n".join([*head, "", piece.body]), state(piece, *names), "mail.txt")


def reference(piece: Piece, turn: int) -> Laid:
    """Where it is from, below the text."""
    names = ["title", "publisher", "published"]
    match turn % 6:
        case 0:
            tail = f"Source: {piece.publisher} ({long(piece.day)})"
        case 1:
            tail = f"{piece.publisher}\n{american(piece.day)}"
        case 2:
            tail = f"From {piece.publisher}, {long(piece.day)}, page 7"
        case 3:
            tail = f"{piece.author}\n{piece.publisher}"
            names = ["title", "author", "publisher"]
        case 4:
            tail = f"The next meeting is on {long(piece.later)}."
            names = ["title"]
        case _:
            tail = f"--\n{piece.publisher}, {short(piece.day)}; photograph by {piece.other}"
    return Laid(f"{piece.title}\n\n{piece.body}\n\n{tail}", state(piece, *names), "g.txt")


def feed(piece: Piece, turn: int) -> Laid:
    """A post or an entry of a feed."""
    handle = piece.site.partition(".")[0]
    names = ["publisher", "published"]
    match turn % 5:
        case 0:
            head = f"{piece.publisher} @{handle} · {american_short(piece.day)}"
        case 1:
            head = f"{piece.title}\n{american_short(piece.day)} - {piece.publisher}"
            names.append("title")
        case 2:
            head = f"{piece.title}\n{piece.publisher} · 5h ago"
            names = ["title", "publisher"]
        case 3:
            head = f"{piece.title}\nposted by {piece.author} on {piece.day} 14:20"
            names = ["title", "author", "published"]
        case _:
            head = f"{piece.title}\n41k views · Share · Save · 12 comments"
            names = ["title"]
    return Laid(f"{head}\n\n{piece.body}", state(piece, *names), "h.txt")


def named_file(piece: Piece, turn: int) -> Laid:
    """Nothing stands in the text but a headline; the file's name may hold a day."""
    slug = piece.site.removesuffix(".example")
    stamp = f"{piece.day:%Y%m%d}"
    name, names = (
        (f"{piece.day}_{slug}_harbour.txt", ["title", "published"]),
        (f"{stamp}.txt", ["title", "published"]),
        (f"{slug} {piece.day:%Y.%m.%d}.txt", ["title", "published"]),
        (f"{slug}-{piece.day:%d%m%y}.txt", ["title"]),
        (f"IMG_{stamp}_{turn}.txt", ["title", "published"]),
        (f"article-{piece.draw.randint(10**8, 10**9)}.txt", ["title"]),
    )[turn % 6]
    return Laid(f"{piece.title}\n\n{piece.body}", state(piece, *names), name)


def station(piece: Piece, turn: int) -> Laid:
    """A local station's page."""
    names = ["title", "publisher", "author", "published", "updated"]
    posted = f"Posted: {american_short(piece.day)} / 02:20 PM EST"
    updated = f"Updated: {american_short(piece.later)} / 09:11 AM EST"
    head = [piece.title, f"by: {piece.author}, {piece.publisher}", posted, updated]
    match turn % 5:
        case 1:
            head[1] = f"by: {piece.author}"
            names.remove("publisher")
        case 2:
            head = [piece.title, f"Author: {piece.author}", f"{posted}", f"Photo: {piece.other}"]
            names = ["title", "author", "published"]
        case 3:
            head = [piece.title, f"{piece.publisher} Staff", posted]
            names = ["title", "published"]
        case 4:
            head = [piece.title, f"Credit: {piece.other}", updated]
            names = ["title", "updated"]
    return Laid("\n".join([*head, "", piece.body]), state(piece, *names), "station.txt")


def dashes(piece: Piece, turn: int) -> Laid:
    """Parts between dashes or on lines of their own, in another order each time."""
    names = ["publisher", "published"]
    match turn % 6:
        case 0:
            head = f"{piece.title}\n{piece.publisher} - {piece.author} - {short(piece.day)}"
            names += ["title", "author"]
        case 1:
            head = f"{long(piece.day)} – {piece.publisher}\n{piece.title}"
            names.append("title")
        case 2:
            head = f"{piece.title}\n{piece.author}\n{long(piece.day)}"
            names = ["title", "author", "published"]
        case 3:
            head = f"{piece.title}\n{piece.author}, {piece.publisher}"
            names = ["title", "author", "publisher"]
        case 4:
            head = f"{piece.title}\n{piece.author} in Bergen\n{american(piece.day)}"
            names = ["title", "author", "published"]
        case _:
            head = f"{weekday(piece.day)} {short(piece.day)}\n{piece.title}\n{piece.publisher}"
            names.append("title")
    return Laid(f"{head}\n\n{piece.body}", state(piece, *names), "i.txt")


def bare(piece: Piece, turn: int) -> Laid:
    """Nothing of the kind: days of the story, places in capitals, quotations, credits."""
    first = (
        f"On {long(piece.day)} it was quiet. By the next morning nothing was as before.",
        f"{piece.other}, 54, remembers the day well. It was a {weekday(piece.day)}.",
        '"By the People, For the People" stood over the gate. Few noticed.',
        "WELCOME TO THE CITY OF BRIDGES",
        f"(Photo: {piece.other}/{piece.publisher})",
        f"Figure 1: {piece.publisher} and its rivals, {piece.day.year}",
        f"According to {piece.publisher}, {long(piece.later)} is the day.",
        f"{piece.other.upper()}: I was there on {american(piece.day)}.",
        f"Read also: {piece.title}",
        f"What {piece.publisher} said on {long(piece.day)}",
        f"{piece.author} and {piece.other} are to meet in Geneva",
        f"Interview with {piece.other}",
    )[turn % 12]
    tail = (
        f"{piece.other} is a reader in law. The decision is expected by {long(piece.later)}.",
        "Follow us on every channel",
        f"Image: {piece.other}",
    )[turn % 3]
    return Laid(f"{first}\n\n{piece.body}\n\n{tail}", {}, "j.txt")


STYLES: Mapping[str, Style] = {
    one.__name__: one
    for one in (
        byline, first_line, labels, dateline, front_matter, masthead, emphasis, rights, romance, letter,
        reference, feed, named_file, station, dashes, bare,
    )
}  # fmt: skip
