"""What an address of the network says of where it is: on this machine, inside a network, or out in the world."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6052 2.1: an IPv4 address within IPv6, which a gateway takes apart.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def read_address(name: str) -> Address | None:
    """Return the address that `name` is, None where it is a name; one of IPv4 within IPv6 is the IPv4 one."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(name: str) -> bool:
    """Return whether a host can be this machine alone: an address of it, or a name of RFC 6761 6.3."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = read_address(name)
    return address is not None and address.is_loopback


def is_public(address: Address) -> bool:
    """Return whether an address is out in the world: none of this machine, of a private network, of many at once
    (RFC 6890), nor one of IPv6 that leads to such a one of IPv4.
    """
    if isinstance(address, ipaddress.IPv6Address):
        within = [address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            within.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if not all(is_public(one) for one in within if one is not None):
            return False
    return address.is_global and not address.is_multicast
