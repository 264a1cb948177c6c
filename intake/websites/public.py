"""Which machines may be asked: those that the whole internet may.

A name is resolved once, what it means is checked, and that very address connected to. Between a check and a second
look-up it could come to mean another machine (DNS rebinding), so there is no second one.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpcore
import httpx

from db.errors import SourceError
from intake.websites.deadline import Deadline

Resolve = Callable[[str, int], Sequence[str]]
_EMBEDDING = {
    ipaddress.IPv6Network("64:ff9b::/96"): 0,
    ipaddress.IPv6Network("2002::/16"): 80,
}
"""Networks whose addresses stand for one of IPv4, and by how many bits that is from their end (NAT64, 6to4)."""
_OWN_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
"""A network's own; where in it an address of IPv4 stands is that network's choice (RFC 8215)."""

PRIVATE = "it is in a network of its own, not on the internet; if that is meant, add the website with --allow-private"


class NotPublicError(SourceError):
    """A host is in a network of its own."""


def is_public(written: str) -> bool:
    """Whether an address is one that anybody on the internet can reach."""
    try:
        address = ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        for network, shift in _EMBEDDING.items():
            if address in network:
                return is_public(str(ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)))
        if address.teredo is not None or address.is_site_local or address in _OWN_NAT64:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which they are to be tried."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(own[4][0]) for own in found))


class PublicTransport(httpx.BaseTransport):
    """Connects to checked addresses alone; certificates and the Host header are by the name.

    An answer that isn't whole after `deadline_s` is given up, as one that can't be reached.
    """

    def __init__(self, *, allow_private: bool, look_up: Resolve = resolve, deadline_s: float = 120.0) -> None:
        self._allow_private = allow_private
        self._look_up = look_up
        # one a host: a connection to an address must not serve another name that has it too
        self._of_host: dict[tuple[str, str], httpx.HTTPTransport] = {}
        self._deadline = Deadline(deadline_s)
        self._context = httpx.create_ssl_context(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request to the first address of its host, if all of them may be asked.

        Raises:
            NotPublicError: one of them may not.
            httpx.TransportError: it can't be resolved or reached.
        """
        url = request.url
        host = url.raw_host.decode("ascii")  # what `host` gives of xn-- is another name to who knows IDNA of 2003 alone
        address = self._find_address(host, url.port or (443 if url.scheme == "https" else 80))
        asked = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        key = (url.scheme, url.netloc.decode("ascii"))
        if key not in self._of_host:
            self._of_host[key] = self._make_transport()
        self._deadline.start()
        return self._of_host[key].handle_request(asked)

    def close(self) -> None:
        """Closes what is open."""
        for transport in self._of_host.values():
            transport.close()

    def _make_transport(self) -> httpx.HTTPTransport:
        transport = httpx.HTTPTransport(verify=self._context, trust_env=False)
        # httpx hands on none of a network's own
        transport._pool = httpcore.ConnectionPool(self._context, network_backend=self._deadline)  # noqa: SLF001
        return transport

    def _find_address(self, host: str, port: int) -> str:
        try:
            addresses = self._look_up(host, port)
        except (OSError, UnicodeError):
            raise httpx.ConnectError("its name can't be resolved") from None
        if not addresses:
            raise httpx.ConnectError("its name can't be resolved")
        if not self._allow_private and not all(map(is_public, addresses)):
            raise NotPublicError(PRIVATE)
        return addresses[0]
