"""What an `iframe` holds in its own page's text (`srcdoc`) is shown, and so it is a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.extract.hidden import hides

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_MOST_DEEP = 3
_MAX_FRAMES = 100


def open_frames(soup: BeautifulSoup) -> None:
    """Puts each frame's text where the frame stands; frames within frames, as deep as any person makes them.

    What makes a part of a page its main one does so in its own page alone.
    """
    from bs4 import BeautifulSoup as Parser

    opened = 0
    for _ in range(_MOST_DEEP):
        for frame in soup.select("iframe[srcdoc]"):
            opened += 1
            if opened > _MAX_FRAMES:
                return
            inner = Parser(str(frame["srcdoc"]), "lxml").body
            if inner is None or hides("iframe", {name: str(value) for name, value in frame.attrs.items()}):
                frame.decompose()
                continue
            for main in inner.select("main, [role=main]"):
                main.name = "div"
                main.attrs.pop("role", None)
            inner.name = "div"
            frame.replace_with(inner.extract())
