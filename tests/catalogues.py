"""The message catalogues: what the package says, and how each language says it.

`python tests/catalogues.py` reads every message out of the code and the tables, brings each
`locale/<language>/LC_MESSAGES/ipython_llmnumbers.po` up to date (a new message stands there without
a translation, one that is gone is dropped), and lists what has no translation: it is shown in
English. With `--complete` it changes nothing, and fails if a catalogue lacks a message: for a release.
"""

from __future__ import annotations

import sys
from inspect import cleandoc
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from ipython_llmnumbers import errors
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.magics import MAGICS
from ipython_llmnumbers.messages import DOMAIN, LANGUAGES, Message

# The source: an installed package has no texts of the catalogues.
PACKAGE = Path(__file__).parent.parent / "ipython_llmnumbers"
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
    for path in (PACKAGE / "catalog").rglob("*.toml"):
        for text in _messages_in(read_table(path.relative_to(PACKAGE / "catalog").as_posix())):
            found.setdefault(text.template, set()).add(path.relative_to(PACKAGE).as_posix())
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


def path_of(language):
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(language):
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def translations(language):
    """Each message of the catalogue with its translation, which is empty if there is none."""
    return {entry.id: entry.string for entry in read_catalogue(language) if entry.id}


def untranslated(language, texts):
    """Of these messages, those that are shown in English."""
    known = translations(language)
    return [text for text in texts if not known.get(text)]


def update(language, template):
    catalogue = read_catalogue(language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    with path_of(language).open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, ignore_obsolete=True)


def main(arguments):
    said_by, lacking = messages(), 0
    template = Catalog(domain=DOMAIN)
    for text, filenames in sorted(said_by.items(), key=lambda message: (sorted(message[1]), message[0])):
        template.add(text, locations=[(filename, 0) for filename in sorted(filenames)])
    for language in TRANSLATED:
        if "--complete" not in arguments:
            update(language, template)
        missing = untranslated(language, said_by)
        lacking += len(missing)
        print(f"{language}: {len(said_by)} messages, {len(missing)} without a translation")
        for text in missing:
            print(f"  {sorted(said_by[text])[0]}: {text}")
    return lacking if "--complete" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
