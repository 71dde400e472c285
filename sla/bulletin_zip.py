"""Office files are zips that carry the moment of their making: here they are packed again without it. Pure."""

from __future__ import annotations

import io
import re
import zipfile

_MOMENT = (2000, 1, 1, 0, 0, 0)
_DATED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def packed(data: bytes, issued_at: str) -> bytes:
    """The same parts in the same order, stored uncompressed under one date, created and modified when it was issued."""
    moment = (issued_at[:19] + "Z" if issued_at else "2000-01-01T00:00:00Z").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _DATED.sub(rb"\g<1>" + moment + rb"\g<3>", part)
            info = zipfile.ZipInfo(name, _MOMENT)
            info.external_attr, info.create_system = 0o600 << 16, 3
            new.writestr(info, part)
    return out.getvalue()
