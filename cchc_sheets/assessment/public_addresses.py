"""Which network addresses are public: anybody on the internet can reach them, and nobody's own machines."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

NetworkAddress = IPv4Address | IPv6Address

_INTERNET_6: Final = IPv6Network("2000::/3")
"""All that is given out of IPv6; mapped, NAT64, local, link-local and multicast addresses lie outside it."""

# IANA's special-purpose registries, written out: what `ipaddress` calls global differs between releases of Python.
_NOT_PUBLIC_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own service, under an address that is otherwise public
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocols: an IPv4 address may hide inside
        "2001:db8::/32",
        "2002::/16",  # 6to4: the same
        "3fff::/20",
    )
)


def is_public(address: NetworkAddress) -> bool:
    """Tell whether an address is one of the open internet, and not private, local, reserved, or a way round to one."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _INTERNET_6 and not any(address in network for network in _NOT_PUBLIC_6)
