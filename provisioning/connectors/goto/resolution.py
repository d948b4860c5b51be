"""From mapped attributes and roles to what a GoTo account is to have. Pure.

Source: GoTo support, "What is a license in the GoTo Admin Center"; GoToMeeting API, product types (G2W and G2T
bring G2M along).
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from provisioning.connectors.base import AccountContext, Attributes, Licence, Resolution, RoleGrant, Value
from provisioning.connectors.goto.accounts import texts
from provisioning.errors import LicenceLimitExceeded, RequestRejected
from provisioning.sentences import Sentence

_COPIED = ("name.givenName", "name.familyName", "timezone")
_LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
_BRINGS_G2M = {"G2W", "G2T"}
_CREATE_ONLY = frozenset({"suppressEmail"})
_SHARED = ("adminRoles", "groupName", "licenseKeys", "locale", "suppressEmail", "timezone")


def resolve(
    wanted: Mapping[str, Value],
    roles: Sequence[RoleGrant],
    context: AccountContext,
    current: Mapping[str, Value] | None,
) -> Resolution:
    """See `Target.resolve`. A value that is None or empty is left out: GoTo is never sent an empty text.

    Where neither `roles` is mapped nor a grant given, licences are not ours to manage, except that a person who is
    not active has none.
    """
    notes: list[Sentence] = []
    attributes: Attributes = {name: wanted[name] for name in _COPIED if wanted.get(name)}
    address = wanted.get("userName") or wanted.get('emails[type eq "work"].value')
    if address:
        attributes["userName"] = address
    _resolve_locale(wanted.get("locale"), attributes, notes)
    _resolve_group(wanted.get("groupName"), context, attributes)
    if wanted.get("suppressEmail") is not None:
        attributes["suppressEmail"] = _true(wanted["suppressEmail"])
    if not _true(wanted.get("active", True)):
        attributes |= {"licenseKeys": [], "adminRoles": []}
    elif "roles" in wanted or roles:
        attributes |= _access(wanted, roles, context, current or {})
    shared = tuple((name, _frozen(attributes[name])) for name in _SHARED if name in attributes)
    return Resolution(attributes, _CREATE_ONLY, shared, tuple(notes))


def _resolve_locale(locale: Value, attributes: Attributes, notes: list[Sentence]) -> None:
    if not locale:
        return
    if _LOCALE.fullmatch(str(locale)):
        attributes["locale"] = locale
    else:
        notes.append(Sentence("The locale %(locale)s was left out: GoTo expects the form nl_NL.", locale=locale))


def _resolve_group(name: Value, context: AccountContext, attributes: Attributes) -> None:
    if not name:
        return
    if str(name).casefold() not in {group.casefold() for group in context.groups}:
        raise RequestRejected(
            Sentence("The GoTo account has no group named %(name)s. Create it there, or change the mapping.", name=name)
        )
    attributes["groupName"] = name


def _access(
    wanted: Mapping[str, Value], roles: Sequence[RoleGrant], context: AccountContext, current: Mapping[str, Value]
) -> Attributes:
    """Licences and admin roles: the union of what the person's roles give."""
    values = texts(wanted.get("roles")) if "roles" in wanted else [grant.value for grant in roles]
    grants = [grant for grant in roles if grant.value in values]
    products = {product for grant in grants for product in grant.products}
    admin_roles = {role for grant in grants for role in grant.admin_roles}
    if not products and not admin_roles:
        raise RequestRejected(
            Sentence(
                "The role %(roles)s gives neither a licence nor an admin right in GoTo, and an account needs one of "
                "them. Complete the role table of the application.",
                roles=", ".join(values) or Sentence("of this person"),
            ),
            code="MandatoryFieldsMissing",
        )
    held = texts(current.get("licenseKeys"))
    licences = choose_licences(products, context.licences.values(), held)
    return {
        "licenseKeys": sorted({*licences, *_not_ours(held, context)}),
        "adminRoles": sorted(admin_roles | _rights_not_ours(texts(current.get("adminRoles")), context)),
    }


def _not_ours(held: Sequence[str], context: AccountContext) -> set[str]:
    """Licences that somebody gave by hand, of products that no role gives: they are not ours to take."""
    managed = context.managed_products
    if managed is None:
        return set()
    known = (context.licences[key] for key in held if key in context.licences)
    return {licence.key for licence in known if not managed & set(licence.products)}


def _rights_not_ours(held: Sequence[str], context: AccountContext) -> set[str]:
    managed = context.managed_admin_roles
    return set() if managed is None else set(held) - managed


def choose_licences(products: Iterable[str], licences: Iterable[Licence], held: Sequence[str]) -> list[str]:
    """Keys of the licences that together give these products, sorted; as few as they need.

    One that is held already is kept. Else one with a free seat goes first, then the one that gives the least besides;
    the key decides between equals, so that the answer never depends on an order. A full licence is chosen when there
    is no other: whether a seat becomes free in time shows when it is asked for.

    Raises LicenceLimitExceeded when no licence has a product at all.
    """
    needed = set(products)
    if needed & _BRINGS_G2M:
        needed.discard("G2M")
    usable = [licence for licence in licences if licence.enabled]
    chosen: list[str] = []
    for product in sorted(needed, reverse=True):  # G2W, G2T and others before G2M: a bundle may bring that along
        having = [licence for licence in usable if product in licence.products]
        if any(licence.key in chosen for licence in having):
            continue
        if not having:
            raise LicenceLimitExceeded(
                Sentence(
                    "The GoTo account has no licence with the product %(product)s. Buy one, or change the role table.",
                    product=product,
                ),
                product=product,
            )
        chosen.append(min(having, key=lambda licence: _preference(licence, held)).key)
    return sorted(chosen)


def _preference(licence: Licence, held: Sequence[str]) -> tuple[bool, bool, int, int, str]:
    return (
        licence.key not in held,
        licence.used >= licence.seats,
        len(licence.products),
        len(licence.key),
        licence.key,
    )


def _true(value: Value) -> bool:
    """Mapped booleans come as booleans or as the texts True and False."""
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)


def _frozen(value: Value) -> object:
    return tuple(value) if isinstance(value, list) else value
