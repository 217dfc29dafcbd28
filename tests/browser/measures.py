"""What a display must be wherever it is shown, measured in the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe

from .contrast import CONTRASTS, LEAST_CONTRAST

LEAST_EM, MOST_BOTTOM_PX = 1.4, 60
# The width that a display is measured at, in CSS pixels.
WIDTH_PX = 600

# The first text, which is the answer, against those around it: its size, what is bolder, and where it ends.
_ANSWER = """(root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const elements = [];
    while (texts.nextNode()) {
        if (texts.currentNode.data.trim()) elements.push(texts.currentNode.parentElement);
    }
    const size = (element) => parseFloat(getComputedStyle(element).fontSize);
    const weight = (element) => parseInt(getComputedStyle(element).fontWeight);
    const first = elements[0];
    const isBolder = (each) => each.checkVisibility() && weight(each) > weight(first);
    // A slide is scaled as a whole: what is measured is what its own pixels say.
    const scale = root.getBoundingClientRect().width / root.offsetWidth;
    const bottom = first.getBoundingClientRect().bottom - root.getBoundingClientRect().top;
    return {
        first: first.textContent.trim(),
        em: size(first) / size(root),
        bolder: elements.filter(isBolder).map((each) => each.textContent),
        bottom_px: bottom / scale,
    };
}"""

# What reaches beyond the display, or out of its own cell of a table; and the numbers that two lines share.
_LAYOUT = r"""(root) => {
    const { right } = root.getBoundingClientRect();
    const visible = [...root.querySelectorAll("*")].filter((each) => each.checkVisibility());
    const isBeyond = (each) => each.getBoundingClientRect().right > right + 1;
    const isSpilling = (each) => /^T[DH]$/.test(each.tagName) && each.scrollWidth > each.clientWidth + 1;
    const broken = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (!text.parentElement.checkVisibility()) continue;
        for (const { 0: number, index } of text.data.matchAll(/(?:[≈$€£¥]+\s?)?\d(?:[\d.,]*\d)?/g)) {
            const range = new Range();
            range.setStart(text, index);
            range.setEnd(text, index + number.length);
            const lines = new Set([...range.getClientRects()].map((each) => Math.round(each.top)));
            if (lines.size > 1) broken.push(number);
        }
    }
    return {
        wide: visible.filter((each) => isBeyond(each) || isSpilling(each)).map((each) => each.textContent),
        broken,
    };
}"""
_FOLD = "(root, open) => root.querySelectorAll('details').forEach((each) => (each.open = open))"


@dataclass(frozen=True)
class Measures:
    """What was measured of one display, its folds closed and then open."""

    first: str
    em: float
    bolder: tuple[str, ...]
    bottom_px: float
    contrast: float
    wide: tuple[str, ...]
    broken: tuple[str, ...]

    def faults(self, has_styles):
        """What is not as it must be. A host that drops every style decides on size and weight itself."""
        found = {
            "em": has_styles and self.em < LEAST_EM,
            "bolder": has_styles and self.bolder,
            "bottom_px": self.bottom_px > MOST_BOTTOM_PX,
            "contrast": self.contrast < LEAST_CONTRAST,
            "wide": self.wide,
            "broken": self.broken,
        }
        return {name: getattr(self, name) for name, is_fault in found.items() if is_fault}


def measured(root):
    """Measures of a display that is in view."""
    answer, closed = root.evaluate(_ANSWER), root.evaluate(_LAYOUT)
    root.evaluate(_FOLD, True)
    opened, contrasts = root.evaluate(_LAYOUT), root.evaluate(CONTRASTS)
    root.evaluate(_FOLD, False)
    return Measures(
        first=answer["first"],
        em=answer["em"],
        bolder=tuple(answer["bolder"]),
        bottom_px=answer["bottom_px"],
        contrast=min(contrasts)[0],
        wide=(*closed["wide"], *opened["wide"]),
        broken=(*closed["broken"], *opened["broken"]),
    )


def audited(frame):
    """What axe finds in the displays that are in view, with their folds open."""
    frame.locator("body").evaluate(_FOLD, True)
    found = Axe().run(frame, {"include": [[".llmnumbers"]]})
    frame.locator("body").evaluate(_FOLD, False)
    return [
        f"{each['id']}: {node['html']}" for each in found.response["violations"] for node in each["nodes"]
    ]
