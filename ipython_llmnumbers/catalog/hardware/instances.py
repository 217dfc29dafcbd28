"""The machines that clouds rent, and the GPUs in them: `g5.12xlarge` has four A10G."""

from __future__ import annotations

import re
from functools import cache

from ...figures import Source
from ...patterns import pattern
from ...records import dataclass
from ..toml_tables import read_table, source_of

# The forms that the names of machines have on AWS, Google Cloud, Azure and Lambda.
_FORMS = pattern(
    r"(?:ml\.)?[a-z][a-z0-9-]*+\.(?:\d*x?large|metal(?:-\d+xl)?|nano|micro|small|medium)"
    r"|[a-z]\d[a-z]{0,2}-(?:standard|highmem|highcpu|highgpu|megagpu|ultragpu|edgegpu|maxgpu)-\d+[a-z]?"
    r"|standard_[a-z]++\d\w*+"
    r"|gpu_\d++x_\w++"
)
_CLOUDS = pattern(r"^(?:aws|gcp|google cloud|azure|lambda|ec2|sagemaker|amazon)\s+")


@dataclass(frozen=True, slots=True)
class Instance:
    """A cloud's machine with `gpus` of `gpu`, a name of the tables of GPUs.

    `memory_mib` is set where it has a share of a GPU: what of its memory.
    """

    name: str
    cloud: str
    gpu: str
    gpus: int
    source: Source
    memory_mib: int | None = None


def instance_text(name: str) -> str:
    """What may be a machine's name in this text, as the tables compare it; empty where its form is none.

    >>> instance_text("AWS g4dn.xlarge"), instance_text("ml.g5.xlarge"), instance_text("RTX 4090")
    ('g4dn.xlarge', 'g5.xlarge', '')
    """
    text = _CLOUDS.sub("", name.strip().casefold())
    text = re.sub(r"^(n[cdgv]\d+\w*_v\d+)$", r"standard_\1", text)
    return text.removeprefix("ml.") if _FORMS.fullmatch(text) else ""


def find_instance(name: str) -> Instance | None:
    """The machine of that name, if it has a GPU that a table knows.

    >>> machine = find_instance("p5.48xlarge")
    >>> machine.gpus, machine.gpu
    (8, 'H100 80GB SXM')
    """
    return _by_name().get(name.casefold())


def known_instances() -> list[str]:
    """The names of the machines, as their clouds write them."""
    return [each.name for each in _by_name().values()]


@cache
def _by_name() -> dict[str, Instance]:
    table = read_table("hardware/instances.toml")
    found = {}
    for row in table["instances"]:
        for count, names in row["gpus"].items():
            for name in names:
                found[name.casefold()] = Instance(
                    name, row["cloud"], row["gpu"], int(count), source_of(table, row), row.get("memory_mib")
                )
    return found
