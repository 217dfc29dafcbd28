"""Who sells the model that answered a call, and the price of its hour."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address

from ..catalog.api_answers import mode_context, surcharge
from ..catalog.api_clients import address_host
from ..catalog.names import ModelName, parse_name
from ..catalog.open_models.pasted import closed_maker
from ..catalog.prices.find import find_price
from ..catalog.prices.price import Price
from ..catalog.sellers import host_named, hosts_by_spelling, makers
from ..records import dataclass
from .recording.recording import RecordedCall


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose price a call has; `id` is that of the price table, and None where nobody is known.

    `is_local`: the model runs on a machine of the user's, and no API bills it. `may_be_local`: it is answered
    by a machine nearby, which does not say whether it runs the model or asks another that bills it.
    `is_gateway`: the machine is one that no table knows, so that the price is what the model's maker asks.
    `unpriced_words` are the answer's words for how it was made that no table has.
    """

    price: Price | None
    id: str | None = None
    is_local: bool = False
    may_be_local: bool = False
    is_gateway: bool = False
    unpriced_words: tuple[str, ...] = ()


def seller_of(call: RecordedCall) -> Seller:
    """Who sells what a call was answered by."""
    if call.model is None:
        return Seller(None)
    seller = address_host(call.address)
    is_known = not seller or seller in hosts_by_spelling() or seller in makers()
    host = seller if is_known else call.host
    name = parse_name(f"{host}/{call.model}" if host else call.model)
    is_own_model = _is_own_model(call.address, name)
    is_own_server = call.server or (call.host and host_named(call.host).is_local)
    if is_own_model and is_own_server:
        return Seller(None, is_local=True)
    made = _Made(call, name)
    price = find_price(name, call.started, made.context)
    if price is not None and made.times != 1:
        price = price.with_rates(lambda rate: rate.times(made.times))
    return Seller(
        price,
        (price.host if price else "") or host or None,
        may_be_local=is_own_model,
        is_gateway=not is_known and not call.host,
        unpriced_words=tuple(made.unpriced),
    )


class _Made:
    """How an answer was made: in the price table's words, at which surcharge, and what neither has."""

    def __init__(self, call: RecordedCall, name: ModelName) -> None:
        self.context: dict[str, str] = {}
        self.times = Decimal(1)
        self.unpriced: list[str] = []
        tier = {"service_tier": call.tier} if call.tier else {}
        for mode, word in (tier | dict(call.modes)).items():
            context, times = mode_context(mode, word), surcharge(mode, word, name.base)
            if times is not None:
                self.times *= times
            elif context is not None:
                self.context |= context
            else:
                self.unpriced.append(f"{mode} {word}")


def _is_own_model(address: str, name: ModelName) -> bool:
    """Whether it may be answered here: by a machine nearby, with a model that anybody can run.

    Ollama answers on the machine itself for models of its cloud too, and so does a gateway for models
    whose weights nobody else has.
    """
    if not _is_nearby(address) or closed_maker(name.base) is not None:
        return False
    return not name.host or host_named(name.host).is_local


def _is_nearby(address: str) -> bool:
    """Whether the machine is this one, or one of its own network.

    >>> _is_nearby("http://localhost:8000"), _is_nearby("http://vllm:8000"), _is_nearby("http://10.0.0.7")
    (True, True, True)
    >>> _is_nearby("https://api.openai.com"), _is_nearby("http://[::1]:11434"), _is_nearby("http://8.8.8.8")
    (False, True, False)
    """
    machine = address.partition("://")[2]
    machine = machine[1:].partition("]")[0] if machine.startswith("[") else machine.partition(":")[0]
    try:
        return ip_address(machine).is_private
    except ValueError:
        return "." not in machine or machine.endswith((".local", ".internal"))
