"""Words in the reader's language: gettext catalogues, read straight from their ``.po`` files.

Nothing is compiled and nothing can go stale: the text that translators edit is the text that is loaded.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from rivya.errors import N_

__all__ = ["DOMAIN", "LOCALE_DIR", "N_", "SOURCE_LANGUAGE", "languages", "negotiate", "translation"]

LOCALE_DIR = Path(__file__).parent / "locale"

DOMAIN = "studio"

SOURCE_LANGUAGE = "en"


@cache
def languages() -> dict[str, str]:
    """Each language that has a catalogue, with its own name: ``{"en": "English", "bn": "বাংলা"}``."""
    found = sorted(path.parent.parent.name for path in LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    ordered = [SOURCE_LANGUAGE, *(code for code in found if code != SOURCE_LANGUAGE)]
    return {code: (Locale.parse(code).get_display_name(code) or code).capitalize() for code in ordered}


def negotiate(preferred: list[str]) -> str:
    """Return the first language of ``preferred`` that we speak, English when there is none."""
    wanted = [tag.replace("-", "_") for tag in preferred]
    return negotiate_locale(wanted, list(languages())) or SOURCE_LANGUAGE


@cache
def translation(language: str) -> gettext.NullTranslations:
    """Load the catalogue of ``language``; a language without one speaks English."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
