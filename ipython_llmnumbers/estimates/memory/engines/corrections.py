"""What was measured of an engine on this machine corrects what is estimated of it there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ....catalog.hardware.corrections import Correction, corrections_file, kept_corrections
from ....figures import Figure, Note, Source, derive, measured
from ....formulas import overhead as formulas
from ....messages import say
from .base import Overhead

if TYPE_CHECKING:
    from ...devices import Device
    from ..needs import Needs


def machine_of(device: Device) -> str:
    """What tells a machine from others: the GPU's own identifier where it is here, else its name.

    RAM has none: what an engine takes there is the machine's own.
    """
    if not device.is_gpu:
        return ""
    if device.members:
        return " + ".join(machine_of(member) for member in device.members)
    return getattr(device.gpu_details, "uuid", None) or device.name


def correction_of(needs: Needs, device: Device) -> Correction | None:
    """The correction that holds there: of the same model and quantisation if there is one, else the latest.

    Raises:
        CatalogError, FileError: as `kept_corrections`.
    """
    engine, machine = needs.served_by.engine, machine_of(device)
    where = (engine.name, engine.version, machine, needs.tp)
    found = [each for each in _here(engine.name, machine) if each.key[:4] == where]
    same = [each for each in found if (each.model, each.quant) == (needs.spec.name, needs.quant.name)]
    return next(reversed(same or found), None)


def _here(engine: str, machine: str) -> list[Correction]:
    """Those of the engine on that machine, in any version."""
    if not (engine and machine):
        return []
    return [each for each in kept_corrections() if (each.engine, each.machine) == (engine, machine)]


def with_measured_weights(needs: Needs, device: Device) -> Needs:
    """The needs with the weights as they were measured of the same model."""
    found = correction_of(needs, device)
    if found is None or (found.model, found.quant) != (needs.spec.name, needs.quant.name):
        return needs
    return replace(needs, weights_bytes=_corrected(needs.weights_bytes, found.weights_bytes, found))


def with_measured_overhead(needs: Needs, overhead: Overhead, device: Device) -> Overhead:
    """The overhead with what was measured of it; what an engine leaves for the cache is so much less."""
    found = correction_of(needs, device)
    if found is None:
        return overhead
    more = found.overhead_bytes
    return replace(
        overhead,
        total=_corrected(overhead.total, more, found),
        at_rest=_corrected(overhead.at_rest, more, found),
        alone=overhead.alone and _corrected(overhead.alone, more, found),
        further=tuple(
            _corrected(each, -more, found) if each.name == "kv_space_bytes" else each
            for each in overhead.further
        ),
    )


def correction_notes(needs: Needs, device: Device) -> list[Note]:
    """Which correction was used; or that there is one of another version, which was not."""
    found = correction_of(needs, device)
    engine = needs.served_by.engine
    if found is not None:
        text = say(
            "corrected by {mib:+,.0f} MiB, as measured of {engine} with {model} in {quant} on {gpu}"
            " ({log}, {day})",
            mib=found.overhead_bytes / 2**20,
            engine=engine.title,
            model=found.model,
            quant=found.quant,
            gpu=found.gpu,
            log=found.log,
            day=found.day,
        )
        return [Note(text)]
    here = _here(engine.name, machine_of(device))
    others = [each.version for each in here if each.version != engine.version]
    if not others:
        return []
    asked = f"{engine.name}=={others[-1]}" if others[-1] else engine.name
    text = say(
        "not corrected: what was measured here is of another version; {option:engine={name}} uses it",
        name=asked,
    )
    return [Note(text)]


def _corrected(figure: Figure, more_bytes: int, correction: Correction) -> Figure:
    source = Source(correction.log, checked=correction.day)
    note = say("as kept in {path}", path=corrections_file())
    return derive(
        figure.name,
        figure.unit,
        formulas.corrected_bytes,
        note=figure.note,
        estimated_bytes=figure,
        correction_bytes=measured("correction_bytes", more_bytes, "bytes", source, note=note),
    )
