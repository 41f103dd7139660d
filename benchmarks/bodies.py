"""What it costs to show a body, ordinary and hostile, at one size and at four times it.

Milliseconds of CPU, the best of several runs, with nothing remembered between them: as plain text, as HTML
without active content, and as a preview. What is hostile was slow once: a second run of four times the size
that takes much more than four times as long means that it is again.

    python benchmarks/bodies.py [--letters 100000]
"""

from __future__ import annotations

import argparse
import timeit
from collections.abc import Callable
from time import process_time

from rsvpd.mail import content, sanitizer
from rsvpd.mail.content import Body, BodyKind

PARAGRAPH = (
    '<p class="MsoNormal"><span style="font-size:11pt">Some words with <b>bold</b> ones and '
    '<a href="https://example.com/page">a link</a><o:p></o:p></span></p>\r\n'
)
HOSTILE: dict[str, str] = {
    "`<div>`": "<div>",
    "`<a<a`": "<a",
    "`<table><br>`": "<table><br>",
    "`<b></p>`": "<b></p>",
    "`<ul><li>`": "<ul><li>",
    "`<p>x`": "<p>x",
    "`&nbsp;`": "&nbsp;",
    "`&#111…`": "1",
    "attributes": "x ",
}
FRAMES = {"`&#111…`": "&#{};", "attributes": "<a {}>"}


def document(letters: int) -> str:
    """Return what Outlook writes, about as long as that."""
    paragraphs = PARAGRAPH * max(1, letters // len(PARAGRAPH))
    return f"<html><head><style>p {{margin:0}}</style></head><body lang=EN-US><div>{paragraphs}</div></body></html>"


def milliseconds(show: Callable[[Body], str], html: str) -> float:
    """Return the least CPU time that `show` takes for `html`."""
    body = Body(html, BodyKind.HTML)

    def once() -> None:
        sanitizer._sanitize_with_cache.cache_clear()
        content._first_words.cache_clear()
        show(body)

    times = max(1, 20_000 // len(html))
    return min(timeit.repeat(once, number=times, repeat=3, timer=process_time)) / times * 1000


def row(name: str, html: str) -> str:
    """Return a line of the table."""
    cells = (milliseconds(show, html) for show in (content.as_text, content.as_html, content.preview))
    return f"| {name} | {len(html):,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--letters", type=int, default=100_000)
    letters = options.parse_args().letters
    print("| body | letters | text ms | HTML ms | preview ms |\n|---|---:|---:|---:|---:|")
    for size in (100, 2_000, 20_000, 200_000):
        print(row("ordinary", document(size)), flush=True)
    for name, unit in HOSTILE.items():
        for size in (letters, 4 * letters):
            print(row(name, FRAMES.get(name, "{}").format(unit * (size // len(unit)))), flush=True)


if __name__ == "__main__":
    main()
