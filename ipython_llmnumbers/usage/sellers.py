"""Who sells the model that answered a call, and the price of its hour."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from ..catalog.api_clients import address_host
from ..catalog.api_usage import tier_context
from ..catalog.names import ModelName, parse_name
from ..catalog.open_models.pasted import closed_maker
from ..catalog.prices.find import find_price
from ..catalog.prices.price import Price
from ..catalog.sellers import host_named, hosts_by_spelling, makers
from .recording.recording import RecordedCall


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose price a call has; `id` is that of the price table, and None where nobody is known.

    `is_local`: the model runs on a machine of the user's, and no API bills it. `is_gateway`: the machine is
    one that no table knows, so that the price is what the model's maker asks. `is_known_tier` is false where
    the answer names a kind of processing that no table has.
    """

    price: Price | None
    id: str | None = None
    is_local: bool = False
    is_gateway: bool = False
    is_known_tier: bool = True


def seller_of(call: RecordedCall) -> Seller:
    """Who sells what a call was answered by."""
    if call.model is None:
        return Seller(None)
    seller = address_host(call.address)
    is_known = not seller or seller in hosts_by_spelling() or seller in makers()
    host = seller if is_known else call.host
    name = parse_name(f"{host}/{call.model}" if host else call.model)
    if _is_local(call.address, name):
        return Seller(None, is_local=True)
    context = tier_context(call.tier)
    price = find_price(name, call.started, context)
    return Seller(
        price,
        (price.host if price else "") or host or None,
        is_gateway=not is_known and not call.host,
        is_known_tier=context is not None,
    )


def _is_local(address: str, name: ModelName) -> bool:
    """Whether it is answered here: by a machine nearby, with a model that anybody can run.

    Ollama answers on the machine itself for models of its cloud too, and so does a gateway for models
    whose weights nobody else has.
    """
    if not is_nearby(address) or closed_maker(name.base) is not None:
        return False
    return not name.host or host_named(name.host).is_local


def is_nearby(address: str) -> bool:
    """Whether the machine is this one, or one of its own network.

    >>> is_nearby("http://localhost:8000"), is_nearby("http://vllm:8000"), is_nearby("http://10.0.0.7")
    (True, True, True)
    >>> is_nearby("https://api.openai.com"), is_nearby("http://[::1]:11434")
    (False, True)
    """
    machine = address.partition("://")[2]
    machine = machine[1:].partition("]")[0] if machine.startswith("[") else machine.partition(":")[0]
    try:
        return ip_address(machine).is_private
    except ValueError:
        return "." not in machine or machine.endswith((".local", ".internal"))
