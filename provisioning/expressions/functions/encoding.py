"""Functions that write a value another way."""

import base64
import binascii

from provisioning.expressions.context import Context
from provisioning.expressions.errors import ExpressionError
from provisioning.expressions.signatures import CallSite, Evaluate, Source, Type, anything, form, function, text
from provisioning.expressions.values import Result, as_text, shown
from provisioning.sentences import Sentence

ENCODINGS = {"Unicode": "utf-16-le", "UTF8": "utf-8", "ASCII": "ascii"}


@function("ConvertToBase64", text("source"))
def convert_to_base64(source: str | None) -> str | None:
    """ConvertToBase64(source): the text in UTF-16, as base64.

    >>> evaluate('ConvertToBase64("Hello")')
    'SABlAGwAbABvAA=='

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", ConvertToBase64.
    """
    return source and base64.b64encode(source.encode("utf-16-le", "surrogatepass")).decode("ascii")


@function(
    "ConvertFromBase64",
    text("source"),
    text("encoding", required=False, choices=tuple(ENCODINGS)),
    standard=False,
)
def convert_from_base64(source: str | None, encoding: str | None) -> str | None:
    """ConvertFromBase64(source, [encoding]): the text behind base64; its encoding is Unicode (UTF-16), UTF8 or ASCII.

    Without an encoding it is Unicode, which is what ConvertToBase64 makes.

    >>> evaluate('ConvertFromBase64("SABlAGwAbABvAA==")')
    'Hello'
    >>> evaluate('ConvertFromBase64("SGVsbG8=", UTF8)')
    'Hello'

    Source: Microsoft Entra Cloud Sync, "Attribute mapping expression reference", ConvertFromBase64. An extension here.
    """
    if not source:
        return source
    name = encoding or "Unicode"
    if name not in ENCODINGS:
        raise ExpressionError(
            "ArgumentType",
            Sentence("%(name)s is none of the encodings %(names)s.", name=shown(name), names=", ".join(ENCODINGS)),
        )
    try:
        return base64.b64decode(source, validate=True).decode(ENCODINGS[name])
    except (binascii.Error, ValueError):
        raise ExpressionError(
            "NotBase64", Sentence("%(source)s is not base64 of a text in %(name)s.", source=shown(source), name=name)
        ) from None


@function("ConvertToUTF8Hex", text("source"))
def convert_to_utf8_hex(source: str | None) -> str | None:
    """ConvertToUTF8Hex(source): the text in UTF-8, as hexadecimal digits.

    >>> evaluate('ConvertToUTF8Hex("Zoë")')
    '5A6FC3AB'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", ConvertToUTF8Hex.
    """
    return source and source.encode("utf-8", "replace").hex().upper()


@function("CStr", text("value"))
def cstr(value: str | None) -> str | None:
    """CStr(value): a number, a date, true or false, or a reference as text.

    >>> evaluate('CStr(Count([otherMails]))', otherMails=["b@x.nl"])
    '1'
    >>> evaluate('CStr([accountEnabled])', accountEnabled=True)
    'True'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", CStr.
    """
    return value


@function("Redact", anything("value"), returns=Type.ANY)
def redact(value: Result) -> Result:
    """Redact(value): the value itself; the provisioning logs show [Redact] in its place.

    >>> evaluate('Redact([extensionAttribute9])', extensionAttribute9="secret")
    'secret'

    Source: Microsoft Entra ID, "Reference for writing expressions for attribute mappings", Redact.
    """
    return value


@form("DefaultDomain", returns=Type.TEXT)
def default_domain(call: CallSite) -> Evaluate:
    """DefaultDomain(): the tenant's default verified domain.

    >>> evaluate('Join("@", [mailNickname], DefaultDomain())', mailNickname="britta")
    'britta@contoso.com'

    Source: Microsoft Graph, synchronizationSchema: functions; Microsoft Entra ID, frequently asked questions about
    API-driven inbound provisioning.
    """

    def run(source: Source, context: Context) -> str | None:
        return as_text(context.default_domain) or None

    return run
