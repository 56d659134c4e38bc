"""Bytes of a web page saved as one file (MHTML, RFC 2557) in, a `Draft` out.

Word writes such files too, and gives them the suffix .doc.
"""

from __future__ import annotations

import email
import email.policy

from extract.errors import ReadError
from extract.readers import html as page
from extract.readers.draft import Draft


def read(data: bytes) -> Draft:
    """Read the page of an MHTML file; pictures and styles in it are left alone.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Draft

    Raises
    ------
    ReadError
        E121 if there is no page in it.
    """
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                return page.read(content, part.get_content_charset())
    raise ReadError("E121", path="", part="MHTML")
