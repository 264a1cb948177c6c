"""No machine of one's own network is asked, whatever its address is written as and whatever a name comes to mean."""

from __future__ import annotations

import socket

import httpx
import pytest

from intake.websites.public import NotPublicError, PublicTransport, is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "64:ff9b:1:7f00:0:100:808:808", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::127.0.0.1", "localhost", "",
    ],
)  # fmt: skip
def test_own_networks(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
)
def test_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]"])
def test_whatever_it_is_written_as(host: str) -> None:
    with httpx.Client(transport=PublicTransport(allow_private=False)) as client, pytest.raises(NotPublicError):
        client.get(f"http://{host}:9/")


def test_a_name_with_one_private_address_is_refused() -> None:
    transport = PublicTransport(allow_private=False, look_up=lambda host, port: ["1.1.1.1", "10.0.0.1"])
    with httpx.Client(transport=transport) as client, pytest.raises(NotPublicError, match="--allow-private"):
        client.get("https://h.example/")


def test_a_name_is_looked_up_once_and_that_address_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up could mean another machine than the one that was checked."""
    answers, asked = [["93.184.216.34"], ["127.0.0.1"]], list[httpx.Request]()

    def handle(_: object, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    transport = PublicTransport(allow_private=False, look_up=lambda host, port: answers.pop(0))
    with httpx.Client(transport=transport) as client:
        client.get("https://h.example:8443/x?y")
        [request] = asked
        assert str(request.url) == "https://93.184.216.34:8443/x?y"
        assert request.headers["host"] == "h.example:8443"
        assert request.extensions["sni_hostname"] == "h.example"
        with pytest.raises(NotPublicError):  # rebound meanwhile
            client.get("https://h.example:8443/x?y")


def test_a_name_is_looked_up_as_it_is_sent() -> None:
    """In the IDNA of 2003, which Python's own look-up knows, straße.de is strasse.de: another machine."""
    asked = list[str]()

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return []

    with httpx.Client(transport=PublicTransport(allow_private=False, look_up=look_up)) as client:
        with pytest.raises(httpx.ConnectError):
            client.get("https://xn--strae-oqa.de/")
        with pytest.raises(httpx.ConnectError):
            client.get("https://[::1]/")
    assert asked == ["xn--strae-oqa.de", "::1"]


@pytest.mark.parametrize("fault", [None, socket.gaierror(-2, "not known"), UnicodeError("label too long")])
def test_a_name_that_means_nothing_is_no_reason_to_fall(fault: Exception | None) -> None:
    def look_up(host: str, port: int) -> list[str]:
        if fault is not None:
            raise fault
        return []

    transport = PublicTransport(allow_private=False, look_up=look_up)
    with httpx.Client(transport=transport) as client, pytest.raises(httpx.ConnectError, match="can't be resolved"):
        client.get("https://h.example/")
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]
