"""What Pillow's built-in font can show."""

import unicodedata

_STROKED = str.maketrans("øØłŁđĐßæÆœŒ’–—·", "oOlLdDsaAoO'---")


def writable(text: str) -> str:
    """The font knows no accents: letters are shown without them."""
    apart = unicodedata.normalize("NFKD", text.translate(_STROKED))
    return apart.encode("ascii", "ignore").decode() or "?"
