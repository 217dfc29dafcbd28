"""How many tokens the pictures, PDFs, sound and video of a request are, and what of it is not counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...catalog.tokenization.attachments import Medium, MediumRule
from ...figures import UNBOUNDED, Figure, Number, assumed, derive, given
from ...formulas import images, media
from ...messages import joined, say
from ...probes.prompts.chat import Prompt
from ...probes.prompts.parts import Audio, Document, Image, Part, Uncounted, Video
from ..hosted_model import HostedModel
from .tool_tokens import unknown_tools

# No PNG or JPEG is longer.
_NO_LIMIT_PX = 65_535
_READ_HERE = say("read off the prompt")
_ELSEWHERE = say("the image is elsewhere: its size is not known here")
_NO_RULE = {
    Image: say("a picture (no rule is published for this model)"),
    Document: say("a PDF (no rule is published for this model)"),
    Audio: say("sound (no rule is published for this model)"),
    Video: say("video (no rule is published for this model)"),
}
_NO_SIZE = {
    Document: say("a PDF whose pages are not known here"),
    Audio: say("sound whose length is not known here"),
    Video: say("video whose length is not known here"),
}


def attachment_figures(prompts: Sequence[Prompt], model: HostedModel) -> tuple[list[Figure], list[str]]:
    """`image_tokens`, `document_tokens`, `video_tokens` and `audio_tokens`, each where there is any; and
    what is not counted, by name."""
    figures: dict[str, list[Figure]] = {}
    uncounted: list[str] = []
    for prompt in prompts:
        uncounted += [say("the tool {type}", type=each) for each in unknown_tools(prompt, model)]
        for part in (part for message in prompt.messages for part in message.parts):
            for name, figure in _figures(part, model, prompt.resolution):
                if figure is None:
                    uncounted.append(name)
                else:
                    figures.setdefault(name, []).append(figure)
    return [_sum(name, found) for name, found in figures.items()], uncounted


def uncounted_figure(uncounted: Sequence[str]) -> Figure:
    """`uncounted_tokens`: from none to any number, with what they are of."""
    counts = Counter(uncounted)
    parts = [what if n == 1 else say("{n} × {what}", n=n, what=what) for what, n in counts.items()]
    return assumed("uncounted_tokens", 0, "tokens", joined(", ", *parts), low=0, high=UNBOUNDED)


def _figures(part: Part, model: HostedModel, resolution: str) -> Iterator[tuple[str, Figure | None]]:
    """The figures of one part by their names; with None, what is not counted."""
    match part:
        case Uncounted(what):
            yield what, None
        case Image():
            rule = model.medium("images", part.detail or resolution)
            if rule is None:
                yield _NO_RULE[Image], None
            else:
                yield "image_tokens", _told(_image(part, rule), part.detail or resolution, rule)
        case Document():
            yield from _measured("documents", "document_tokens", part, part.n_pages, model, resolution)
        case Audio():
            yield from _measured("audio", "audio_tokens", part, part.seconds, model, resolution)
        case Video():
            yield from _measured("video", "video_tokens", part, part.seconds, model, resolution)


def _measured(
    medium: Medium, name: str, part: Part, size: Number | None, model: HostedModel, resolution: str
) -> Iterator[tuple[str, Figure | None]]:
    """What goes by pages or by seconds."""
    detail = getattr(part, "detail", "") or resolution
    rule = model.medium(medium, detail)
    if rule is None:
        yield _NO_RULE[type(part)], None
    elif size is None:
        yield _NO_SIZE[type(part)], None
    else:
        figure = _FORMULAS[medium](part, size, rule)
        if rule.is_another_detail:
            note = say("how many tokens {detail} detail takes is not published", detail=detail)
            figure = replace(figure, low=0, high=UNBOUNDED, approximate=True, note=note)
        yield name, figure if medium == "audio" else _told(figure, detail, rule)
        sound = model.medium("audio") if isinstance(part, Video) else None
        if sound is not None:
            # Nobody says whether a video has sound without looking into its streams.
            with_sound = _sound(part, size, sound)
            yield "audio_tokens", replace(with_sound, low=0, approximate=True, note=say("of the video"))


def _told(figure: Figure, detail: str, rule: MediumRule) -> Figure:
    """The figure with the word that its rule does not go by the detail that was asked for."""
    if not rule.ignores_detail:
        return figure
    note = say("no rule of this model's goes by {detail} detail", detail=detail)
    return replace(figure, note=joined("; ", *filter(None, (figure.note, note))))


def _pages(_part: Part, size: Number, rule: MediumRule) -> Figure:
    none = given("tokens_per_file", 0, "tokens", say("none"))
    return derive(
        "document_tokens",
        "tokens",
        media.pages_tokens,
        pages=given("pages", size, "pages", _READ_HERE),
        files=given("files", 1, "files", _READ_HERE),
        note=rule.source.name,
        **{"tokens_per_file": none, **rule.numbers},
    )


def _sound(_part: Part, size: Number, rule: MediumRule) -> Figure:
    length = given("seconds", size, "s", _READ_HERE)
    note = rule.source.name
    return derive("audio_tokens", "tokens", media.sound_tokens, seconds=length, note=note, **rule.numbers)


def _frames(part: Part, size: Number, rule: MediumRule) -> Figure:
    rate = part.frames_per_s if isinstance(part, Video) else 1.0
    note = say("{n} frames a second looked at", n=rate)
    frames = given("frames", float(size) * rate, "frames", note)
    return derive(
        "video_tokens", "tokens", media.frames_tokens, frames=frames, note=rule.source.name, **rule.numbers
    )


_FORMULAS: dict[Medium, Callable[[Part, Number, MediumRule], Figure]] = {
    "documents": _pages,
    "audio": _sound,
    "video": _frames,
}


def _image(image: Image, rule: MediumRule) -> Figure:
    if rule.rule == "tiles" and image.detail == "low":
        base = rule.numbers["base_tokens"]
        return derive("image_tokens", "tokens", images.low_detail_tokens, base_tokens=base)
    if rule.rule == "any_size" or "tokens" in rule.numbers:
        return replace(rule.numbers["tokens"], name="image_tokens")
    if image.width is None or image.height is None:
        return _of_unknown_size(rule)
    size = {
        "width_px": given("width_px", image.width, "pixels", _READ_HERE),
        "height_px": given("height_px", image.height, "pixels", _READ_HERE),
    }
    formula = getattr(images, f"{rule.rule}_tokens")
    figure = derive("image_tokens", "tokens", formula, note=rule.source.name, **size, **rule.numbers)
    return _doubted(figure, image, rule)


def _doubted(figure: Figure, image: Image, rule: MediumRule) -> Figure:
    """The figure, widened by what the rule's own inputs do not show."""
    doubts = list(_doubts(figure.value or 0, image, rule))
    if not doubts:
        return figure
    lows, highs, notes = zip(*doubts, strict=True)
    low, high = min(figure.low or 0, *lows), max(figure.high or 0, *highs)
    return replace(figure, low=low, high=high, approximate=True, note=joined("; ", *notes))


def _doubts(value: Number, image: Image, rule: MediumRule) -> Iterator[tuple[Number, Number, str]]:
    """The least and the most that it may be, and why."""
    if rule.rule == "patches":
        constants: dict[str, Any] = {name: each.value for name, each in rule.numbers.items()}
        size: dict[str, Any] = {"width_px": image.width, "height_px": image.height}
        billed = images.patches_tokens(**size, **{**constants, "longest_px": _NO_LIMIT_PX})
        if billed != value:
            yield (
                billed,
                billed,
                say("where the longest side binds by the document, it did not in what was billed"),
            )
    if rule.rule == "grid":
        budget = rule.numbers["most_tokens"].value or 0
        yield value, budget + 1, say("at most the budget of the media resolution")
    if rule.is_another_detail:
        yield 1, value, say("how far {detail} detail scales the image is not published", detail=image.detail)
    if rule.other_tokens is not None and max(image.width or 0, image.height or 0) > 384:
        yield rule.other_tokens, rule.other_tokens, say("two pages of the vendor's differ")


def _of_unknown_size(rule: MediumRule) -> Figure:
    """From the smallest image to the one that costs most, if the rule has one."""
    formula = getattr(images, f"{rule.rule}_tokens")
    low = formula(1, 1, **{name: figure.low for name, figure in rule.numbers.items()})
    if rule.greatest is None:
        return assumed("image_tokens", low, "tokens", _ELSEWHERE, source=rule.source, low=low, high=UNBOUNDED)
    high = formula(*rule.greatest, **{name: figure.high for name, figure in rule.numbers.items()})
    if rule.rule == "grid":
        low, high = 1, (rule.numbers["most_tokens"].value or 0) + 1
    return assumed("image_tokens", high, "tokens", _ELSEWHERE, source=rule.source, low=low, high=high)


def _sum(name: str, figures: Sequence[Figure]) -> Figure:
    if len(figures) == 1:
        return figures[0]
    parts: dict[str, Any] = {f"part_{n}": each for n, each in enumerate(figures, start=1)}
    note = say("{n} images", n=len(figures)) if name == "image_tokens" else ""
    return derive(name, "tokens", images.all_images_tokens, note=note, **parts)
