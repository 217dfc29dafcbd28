"""The message catalogues: what the package says, and how each language says it.

`python tests/catalogues.py` reads every message out of the code and the tables, brings each
`locale/<language>/LC_MESSAGES/ipython_llmnumbers.po` up to date (a new message stands there
without a translation, one that is gone is dropped), and compiles the `.mo` beside it.
"""

from __future__ import annotations

import io
from inspect import cleandoc
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import ipython_llmnumbers
from ipython_llmnumbers import errors
from ipython_llmnumbers.catalog.tables import read_table
from ipython_llmnumbers.magics import MAGICS
from ipython_llmnumbers.messages import DOMAIN, LANGUAGES, LOCALE_DIR, Message

PACKAGE = Path(ipython_llmnumbers.__file__).parent
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
# The functions whose first argument is a message: `say`, `tell`, and an error that says one line.
_SAYING = ("say", "tell", *(name for name in vars(errors) if name.endswith("Error")))
KEYWORDS = {
    name: None for name in _SAYING if name not in ("UnknownNameError", "UnsupportedArchitectureError")
}


def messages():
    """Every message that the package can say, with the files that say it."""
    found: dict[str, set[str]] = {}
    for filename, _, text, _, _ in extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS):
        found.setdefault(text, set()).add(filename)
    for path in (PACKAGE / "catalog").glob("*.toml"):
        for text in _messages_in(read_table(path.name)):
            found.setdefault(text.template, set()).add(f"catalog/{path.name}")
    for magic in MAGICS:
        about = cleandoc(magic.answer.__doc__)
        found.setdefault(about, set()).add(f"magics/{magic.name}.py")
    return found


def _messages_in(value):
    if isinstance(value, Message):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _messages_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _messages_in(each)


def path_of(language, suffix):
    return LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"


def read_catalogue(language):
    with path_of(language, ".po").open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(catalogue):
    """The bytes of the `.mo` file."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main():
    template = Catalog(domain=DOMAIN)
    for text, filenames in sorted(messages().items(), key=lambda each: (sorted(each[1]), each[0])):
        template.add(text, locations=[(filename, 0) for filename in sorted(filenames)])
    for language in TRANSLATED:
        catalogue = read_catalogue(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with path_of(language, ".po").open("wb") as file:
            write_po(file, catalogue, width=110, include_lineno=False, ignore_obsolete=True)
        path_of(language, ".mo").write_bytes(compiled(read_catalogue(language)))
        lacking = sum(1 for each in catalogue if each.id and not each.string)
        print(f"{language}: {len(catalogue)} messages, {lacking} without a translation")


if __name__ == "__main__":
    main()
