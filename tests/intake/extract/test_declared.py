"""A page's encoding is what browsers take it for."""

from __future__ import annotations

import time

import pytest

from intake.extract.declared import declared_encoding


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        ('<meta charset="latin1">', "cp1252"),
        ("<META CHARSET = ISO-8859-1 >", "cp1252"),
        ("<meta name=x charset='ISO-8859-9'/>", "cp1254"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ("<meta content='text/html;charset=\"gb2312\"' http-equiv=content-type>", "gb18030"),
        ('<?xml version="1.0" encoding="Shift_JIS"?><html>', "cp932"),
        ('<meta charset="utf-16le">', "utf-8"),
        ('<meta charset="x-user-defined">', "cp1252"),
        ('<!-- <meta charset="koi8-r"> --><meta charset="koi8-u">', "koi8-u"),
        ('<meta charset="no-such-thing"><meta charset="big5">', "big5hkscs"),
        ('<meta name="description" content="a page on charset=koi8-r">', None),
        ('<meta charset="hz-gb-2312">', None),
        ('<meta charset="rot13">', None),
        ("<p>charset=koi8-r", None),
        ("", None),
    ],
)
def test_a_label_means_what_browsers_have_it_mean(page: str, encoding: str | None) -> None:
    assert declared_encoding(page.encode()) == encoding


def test_hostile_heads_take_no_time() -> None:
    started = time.process_time()
    for head in (b"<!--" * 500_000, b"<meta " * 500_000, b"<meta a=" * 500_000, b"<?xml " * 500_000):
        declared_encoding(head)
    assert time.process_time() - started < 5
