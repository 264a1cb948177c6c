"""Loaders of the tests' own, as other packages have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

PAGES: dict[str, list[str]] = {}
MADE_WITH: list[dict[str, Any]] = []


class Pages(BaseLoader):
    def __init__(self, fails_after: int = 99, **told: Any) -> None:
        MADE_WITH.append(told)
        self.fails_after = fails_after

    def lazy_load(self) -> Iterator[Document]:
        for number, (name, texts) in enumerate(PAGES.items()):
            if number == self.fails_after:
                raise ConnectionError(f"refused {MADE_WITH[-1]}")
            for text in texts:
                yield Document(page_content=text, metadata={"source": name})


class Twice(Pages):
    """Gives the first of its pages once more at the end."""

    def lazy_load(self) -> Iterator[Document]:
        pages = [*super().lazy_load()]
        yield from [*pages, pages[0]]


@dataclass
class Node:
    """As LlamaIndex's documents are."""

    text: str
    id: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def get_content(self) -> str:
        return self.text


class Reader:
    def load_data(self, folder: str) -> list[Node]:
        return [Node(f"# {name}\n\n{texts[0]}", f"{folder}/{name}") for name, texts in PAGES.items()]


class Nothing:
    pass
