"""Layouts drawn at random, to fit on: parts in any order, with any words and signs that are in use."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from eval.openings.records import MONTHS, Laid, Piece, american, american_short, long, short, weekday

_BY = (
    *["By {a}"] * 4, *["{a}"] * 4, "by {a}", "Written by {a}", "Author: {a}", "By {a}, {role}", "{a}, {role}",
    "{a} | {role}", "By {a} in {city}", "Posted by {a}", "Story by {a}", "Opinion by {a}", "By: {a}",
    "Von {a}",
    "Par {a}", "Por {a}", "di {a}", "Af {a}", "A report by {a}", "By {caps}", "{a} ({role})",
    "{a} reports from {city}",
    "Reporter: {a}", "Comment by {a}", "By our {role} {a}", "{a} / {city}", "Words by {a}", "{a}\n{Role}",
    "By {a}\n{Role}",
)  # fmt: skip
_FROM = (
    *["{p}"] * 6, *["{P}"] * 2, "Source: {p}", "Publisher: {p}", "From {p}", "from the {p}",
    "Published by {p}",
    "{p} | {section}", "{p} – {section}", "Outlet: {p}", "Quelle: {p}", "Fuente: {p}", "Newspaper: {p}",
    "In: {p}",
    "Published in {p}", "{p}, {city}", "Site: {p}", "Courtesy of {p}", "{p} ({city})", "Journal: {p}",
    "({p})",
)  # fmt: skip
_DAY = (
    *["{d}"] * 8, *["Published {d}", "Published: {d}", "Posted {d}", "Posted on {d}", "Date: {d}"] * 2,
    "Publication date: {d}", "Issued {d}", "Published on {d}", "{w}, {d}", "{w} {d}", "{d} {time}",
    "{d}, {time}",
    "{d} at {time}", "Published {d} {time}", "Date published: {d}", "Publié le {d}", "Publicado el {d}",
    "Veröffentlicht am {d}", "First published {d}", "PUBLISHED: {d}", "On {d}", "{d} | {time}",
    "Released {d}",
    "Pubblicato il {d}", "Sent: {d} {time}", "{city}, {d}", "{d} · 4 min read",
)  # fmt: skip
_UPDATE = (
    "Updated {d}", "Updated: {d}", "Last updated {d}", "Last updated: {d}", "Updated on {d}",
    "Updated {d} {time}",
    "Modified: {d}", "Last modified {d}", "Update: {d}", "Mis à jour le {d}", "Aktualisiert: {d}",
    "UPDATED {d}",
    "Actualizado el {d}", "Corrected {d}", "Last update: {d}, {time}",
)  # fmt: skip
_NOISE = (
    "Share", "Save", "Print", "Listen to this article", "{n} min read", "{n} comments", "Home", "Menu",
    "Subscribe",
    "Home | News | Sport", "Home > {section}", "{section}", "Exclusive", "Special report", "Photo: {o}",
    "Photo: {o}/{q}", "Image credit: {o}", "Illustration: {o}", "(Photograph by {o})", "Edited by {o}",
    "Editor: {o}", "Picture by {o}", "Advertisement", "By dawn the streets were empty.", "{city}", "{CITY}",
    '"By hook or by crook," he said.', "What we know, and what we do not", "Follow us", "Read more: {t2}",
    "Related: {t2}", "The hearing is on {d2}.", "Event: {d2}", "Accessed {d2}", "Retrieved on {d2}",
    "Deadline: {d2}",
    "Tags: {section}, {city}", "Interview with {o}", "{o} told us more", "To: {o}", "Cc: {o}",
    "Caption: {o} in {city}",
    "Analysis", "Part {n} of 3", "As {q} reported on {d2}", "According to {q}", "Contact: {o}",
    "Translated by {o}",
    "Dear {o},", "Venue: {city}", "Published weekly", "No. {n}", "Page {n}", "Chapter {n}", "Video: {q}",
    "On {d2} nothing moved at all.", "{d2}: how it began", "Since {d2} the gates have been shut",
    "It was {d2}.",
    "{o} still remembers {d2}", "{o}, 61, sells maps.", "What {q} did not say", "{CITY} AND ITS BRIDGES",
    "Rated {n}.5",
    "{q} and the long wait", "Letters", "Chapter {n}: {CITY}", "Share: Mail Print", "Leave a comment",
    "{q} Staff",
    "Speaker: {o}", "Section: {section}", "Language: English", "Words: {n}00", "The {section} desk",
)  # fmt: skip
_RIGHTS = (
    "© {y} {p}", "© {p} {y}", "(c) {y} {p}. All rights reserved.", "Copyright {y} {p}", "Copyright © {y} {p}",
    "© {p}", "© {y} {p}. No part of this may be copied.", "Copyright {p}, {y}. All Rights Reserved.",
    "(C) {p} {y}",
    "© {y} {p} Ltd", "© {p}. Alle Rechte vorbehalten.",
)  # fmt: skip
_REFERENCE = (
    "Source: {p}", "Source: {p}, {d}", "Source: {p} ({d})", "{p}, {d}", "({p}, {d})", "From {p}, {d}",
    "{p}\n{d}",
    "Originally published in {p}", "First published by {p} on {d}", "{d}, {p}", "{a}, {p}, {d}",
    "{a}\n{p}", "{p}",
    "— {p}", "— {a}", "This text appeared in {p} on {d}.", "[{p}, {d}]", "{a} writes for {p}.",
    "{p} / {d}", "{d}",
)  # fmt: skip
_DATELINE = (
    "{CITY}, {md} ({p}) - ", "{CITY} ({p}) — ", "{city}, {md} ({p}) – ", "{CITY}, {d} ({p}) -- ", "{CITY} — ",
    "{city} – ", "{CITY}, {md} — ", "{CITY}, {d} /{p}/ -- ", "({p}) {CITY} — ", "{city} ({p}) - ", "{CITY}: ",
)  # fmt: skip
_SIGNS = (", ", " | ", " · ", " - ", " – ", " / ", " — ", "  ", " • ", " |  ")
_ROLES = (
    "staff writer", "political editor", "science correspondent", "columnist", "business reporter",
    "our man on the spot",
)  # fmt: skip
_CITIES = "Lima Tallinn Durban Osaka Leeds Winnipeg Porto Graz Hobart Bern".split()
_SECTIONS = "News Business Politics Sport Culture World Opinion Science Local Markets Technology".split()
_PERSON = re.compile(r"\b([A-Z][a-zà-ž]+ [A-Z][\w'’-]+),? (?:said|says|told|wrote)\b")
_LANGUAGES = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
)


def compose(piece: Piece, texts: Sequence[str], draw: random.Random) -> Laid:
    """A layout of its own. `texts`: other accounts, for the names of people in them."""
    piece = _with_people(piece, texts, draw)
    values = _values(piece, draw)
    stated: dict[str, str] = {}

    def fill(form: str) -> str:
        values_of = (
            ("{a}", "author", piece.author), ("{caps}", "author", piece.author),
            ("{p}", "publisher", piece.publisher),
            ("{P}", "publisher", piece.publisher), ("{d}", "published", piece.day.isoformat()),
        )  # fmt: skip
        stated.update({name: value for sign, name, value in values_of if sign in form})
        return form.format(**values)

    head = [one for one in (_meta(draw, fill), _meta(draw, fill)) if one] if draw.random() < 0.85 else []
    if draw.random() < 0.2:
        form = draw.choice(_UPDATE)
        head.append(form.format(**{**values, "d": _form(draw)(piece.later)}))
        stated["updated"] = piece.later.isoformat()
    if head and draw.random() < 0.75:
        place = draw.choice((0, 0, 0, 1, len(head)))
        head.insert(place, piece.title)
    for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
        head.insert(draw.randint(0, len(head)), draw.choice(_NOISE).format(**values))
    paragraphs = list(piece.paragraphs)
    if draw.random() < 0.25:
        paragraphs[0] = _dateline(draw, fill, stated) + paragraphs[0]
    tail = [draw.choice(_NOISE).format(**values) for _ in range(draw.choice((0, 0, 1, 2)))]
    if draw.random() < 0.3:
        tail.append(fill(draw.choice(_RIGHTS)))
    elif draw.random() < 0.3:
        tail.append(fill(draw.choice(_REFERENCE)))
    if draw.random() < 0.08:
        head = _mail(draw, fill, values, piece)
        stated["title"] = piece.title
    above, below = draw.choice(("\n", "\n\n")), draw.choice(("\n", "\n\n"))
    text = "\n\n".join([*([above.join(head)] if head else []), below.join(paragraphs), *tail])
    return Laid(text, stated)


def _meta(draw: random.Random, fill: Callable[[str], str]) -> str:
    """A line of one to three parts."""
    kinds = draw.sample((_BY, _FROM, _DAY), draw.choice((0, 1, 1, 1, 2, 2, 3)))
    sign = draw.choice((*_SIGNS, "\n", "\n"))
    return sign.join(fill(draw.choice(one)) for one in kinds)


def _mail(
    draw: random.Random, fill: Callable[[str], str], values: dict[str, object], piece: Piece
) -> list[str]:
    """The header of a mail, with the address of who sent it or without; what else was stated stays so."""
    address = draw.choice(("", f" <someone@{piece.site}>"))
    sender = fill(draw.choice(("From: {a}", "From: {p}", "Von: {a}", "De: {a}"))) + address
    lines = [sender, fill(draw.choice(("Date: {w}, {d} {time}", "Sent: {d} {time}", "Date: {d}")))]
    lines.append("To: {o}".format(**values))
    lines.insert(draw.randint(0, 3), f"Subject: {piece.title}")
    return lines


def _dateline(draw: random.Random, fill: Callable[[str], str], stated: dict[str, str]) -> str:
    form = draw.choice(_DATELINE)
    if "{p}" in form and "publisher" in stated:
        form = "{CITY} — "
    return fill(form)


def _with_people(piece: Piece, texts: Sequence[str], draw: random.Random) -> Piece:
    people = sorted({name for one in draw.sample(list(texts), 30) for name in _PERSON.findall(one)})
    if len(people) < 2 or draw.random() < 0.4:
        return piece
    author, other = draw.sample(people, 2)
    return replace(piece, author=author, other=other)


def _form(draw: random.Random) -> Callable[[date], str]:
    months = draw.choice(_LANGUAGES)
    forms = (
        long, long, american, american, short, american_short, date.isoformat,
        lambda day: f"{day.day}. {months[day.month - 1]} {day.year}",
        lambda day: f"{day.day} {months[day.month - 1]} {day.year}",
        lambda day: f"{day:%Y/%m/%d}",
        lambda day: long(day).upper(),
        lambda day: f"{day.day}th {MONTHS[day.month - 1]} {day.year}",
    )  # fmt: skip
    return draw.choice(forms)


def _values(piece: Piece, draw: random.Random) -> dict[str, object]:
    role, city = draw.choice(_ROLES), draw.choice(_CITIES)
    form = _form(draw)
    other_day = piece.day + timedelta(days=draw.randint(-400, 400))
    return {
        "a": piece.author, "caps": piece.author.upper(), "p": piece.publisher, "P": piece.publisher.upper(),
        "o": piece.other, "q": draw.choice(("Norwind", "Harbour Herald", "Delta Wire", "The Morning Echo")),
        "d": form(piece.day), "d2": form(other_day),
        "md": f"{MONTHS[piece.day.month - 1][:3]} {piece.day.day}",
        "w": weekday(piece.day), "y": piece.day.year, "n": draw.randint(2, 9), "role": role,
        "Role": role[0].upper() + role[1:], "city": city, "CITY": city.upper(),
        "section": draw.choice(_SECTIONS),
        "t2": "What came of it", "time": draw.choice(("14:20", "2:20 pm", "09:05 GMT", "6.30am")),
    }  # fmt: skip
