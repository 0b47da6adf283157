"""How much the webhook routes take: so many deliveries a minute from a source, few forged ones from an address.

Forged deliveries never use up what is meant for genuine ones, also where all come through one proxy: a delivery is
verified first, and counted with its source when it is genuine, with its address when it is not.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict

from bot.bearer import Rate
from bot.clock import Clock

FORGED_PER_MINUTE = 30
MOST_ADDRESSES = 4_096  # remembered at a time, the least recent forgotten first: a flood takes no more memory
_SUBNET = 64  # the part of an IPv6 address that one customer of a provider cannot choose


class Senders:
    """Rates of this process alone. Each answer is 0, or the seconds until the next may come."""

    def __init__(self, per_minute: int, clock: Clock, *, most: int = MOST_ADDRESSES) -> None:
        self._per_minute, self._clock, self._most = per_minute, clock, most
        self._sources: dict[str, Rate] = {}
        self._forgers: OrderedDict[str, Rate] = OrderedDict()
        self._lock = threading.Lock()

    def genuine(self, source: str) -> int:
        """A delivery that was verified; `source` is one of our own routes."""
        with self._lock:
            rate = self._sources.setdefault(source, Rate(self._per_minute, self._clock))
        return rate.wait()

    def forged(self, address: str) -> int:
        """A delivery from this address that was not."""
        place = _network(address)
        with self._lock:
            rate = self._forgers.pop(place, None) or Rate(FORGED_PER_MINUTE, self._clock)
            self._forgers[place] = rate
            if len(self._forgers) > self._most:
                self._forgers.popitem(last=False)
        return rate.wait()

    def __len__(self) -> int:
        return len(self._forgers)


def _network(address: str) -> str:
    """The address, of IPv6 its network; what is no address (a socket, a test) stays as it is."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, _SUBNET), strict=False)) if ip.version == 6 else str(ip)
