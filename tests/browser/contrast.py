"""The contrast of what is shown, measured in the page."""

from __future__ import annotations

# The least contrast of WCAG 2.1 AA for text of an ordinary size.
LEAST_CONTRAST = 4.5

# For each text in the outputs and the live lines of an element: its contrast with what lies behind it. A
# translucent background is laid over the one below, as the browser does; the colours are
# painted on a canvas first, since a theme may write them as oklch() or by name.
CONTRASTS = """(whole) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
    // VS Code's outputs are in a frame without a background, above the editor's.
    const editor = getComputedStyle(document.documentElement).getPropertyValue("--vscode-editor-background");
    const page = over(rgba(editor || "white"), [255, 255, 255]);
    const luminance = (rgb) => {
        const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = rgb.map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        const layers = [];
        for (let e = element; e; e = e.parentElement) {
            layers.unshift(rgba(getComputedStyle(e).backgroundColor));
        }
        return layers.reduce((under, layer) => over(layer, under), page);
    };
    const found = [];
    const ours = ".llmnumbers, .llmnumbers-line";
    for (const root of whole.matches(ours) ? [whole] : whole.querySelectorAll(ours)) {
        const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim()) continue;
            const back = behind(element);
            const colour = rgba(getComputedStyle(element).color);
            for (let e = element; e !== root.parentElement; e = e.parentElement) {
                colour[3] *= getComputedStyle(e).opacity;
            }
            const [light, dark] = [over(colour, back), back]
                .map(luminance)
                .sort((a, b) => b - a);
            found.push([(light + 0.05) / (dark + 0.05), texts.currentNode.data]);
        }
    }
    return found;
}"""
