"""The magics: each parses, calls, returns. `load` and `unload` put them into a shell and take them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import TraitError

from ..messages import speak_by_default, speaking, tell
from . import auto, gpufit, llmcost, llmnumbers, tokens
from .cells.first_line import start_in_first_line
from .cells.ledger import keep
from .completion import make_matcher
from .session import Session
from .settings import LLMNumbers

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGICS = (llmcost.MAGIC, tokens.MAGIC, gpufit.MAGIC, llmnumbers.MAGIC)

# What `load` put into each shell, so that `unload` takes out just that.
_LOADED: dict[int, tuple[LLMNumbers, Any, Session]] = {}


def load(ip: InteractiveShell) -> LLMNumbers:
    """Register the magics, their completion and their settings with a shell; returns the settings."""
    from IPython.core.magic import no_var_expand

    settings = _settings(ip)
    ip.configurables.append(settings)
    session = Session(ip, settings)
    for magic in MAGICS:
        # no_var_expand: IPython would put variables into `{name}` and `$name` of a prompt.
        function = no_var_expand(magic.bind(session))
        ip.register_magic_function(function, magic_kind=magic.kind, magic_name=magic.name)
    matcher = make_matcher(MAGICS)
    ip.Completer.custom_matchers.append(matcher)
    # Before the transform that makes a call of a cell magic.
    ip.input_transformer_manager.line_transforms.insert(0, start_in_first_line)
    _LOADED[id(ip)] = (settings, matcher, session)
    return settings


def _settings(ip: InteractiveShell) -> LLMNumbers:
    """The user's settings; in the place of a wrong one its default, and a line that says so."""
    from traitlets.config import Config

    settings, given = LLMNumbers(), ip.config.LLMNumbers
    # The language first: the others are refused in it.
    for name in sorted(given, key=lambda name: (name != "language", name)):
        try:
            settings.update_config(Config(LLMNumbers={name: given[name]}))
        except TraitError as error:
            with speaking(settings.language):
                print("llmnumbers:", tell("{error}; the default is used", error=error))
    settings.parent = ip
    settings.is_loaded = True
    speak_by_default(settings.language)
    settings.observe(lambda change: speak_by_default(change.new), "language")
    return settings


def unload(ip: InteractiveShell) -> None:
    """Take out what `load` put in."""
    auto.turn_off(ip)
    transforms = ip.input_transformer_manager.line_transforms
    if start_in_first_line in transforms:
        transforms.remove(start_in_first_line)
    settings, matcher, session = _LOADED.pop(id(ip), (None, None, None))
    if session is not None:
        if session.recent.cells is not None:
            session.recent.cells.stop()
        if session.recent.book is not None:
            keep(session, lambda book: book.update())
    if settings is not None and settings in ip.configurables:
        ip.configurables.remove(settings)
        settings.unobserve_all()
        speak_by_default("en")
    if matcher in ip.Completer.custom_matchers:
        ip.Completer.custom_matchers.remove(matcher)
    for magic in MAGICS:
        for kind in ("line", "cell"):
            ip.magics_manager.magics[kind].pop(magic.name, None)
