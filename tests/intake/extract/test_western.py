"""Of old Western encodings, the one in which all words could be."""

from __future__ import annotations

import pytest

from intake.extract.western import western_encoding

GERMAN = "Die Größe der Tür ist für alle Büros gleich, und das steht nicht „überall“ so."
SPANISH = "El número de días que una persona toma con su permiso está en la página del año."
FRENCH = (
    "L’équipe est prévenue dans les délais; le congé est accordé par le chef avec l’accord du siège, où qu’il soit."
)


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("text", [GERMAN, SPANISH, FRENCH], ids=["de", "es", "fr"])
def test_words_tell_the_encoding(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    told = western_encoding(data)
    assert told is None or data.decode(told) == data.decode(encoding)
    assert told is not None or encoding != "cp1252"


@pytest.mark.parametrize(
    "text",
    ["It’s the team’s “own” plan — and that is fine.", "The fee is €400 for the whole of it.", "21°C is the limit"],
)
def test_signs_where_signs_stand_are_signs(text: str) -> None:
    assert western_encoding(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize(
    ("text", "encoding"), [("Zaměstnanec žádá o dovolenou tři dny předem", "cp1250"), ("Это документ", "cp1251")]
)
def test_another_language_is_not_read(text: str, encoding: str) -> None:
    assert western_encoding(text.encode(encoding)) is None
