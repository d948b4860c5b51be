"""Deciding: what is to be done to one person's account. Pure: plain values in, one Action out.

                  in scope                             out of scope
    no account    Create                               Skip (costs no request)
    an account    Enable, Update or Skip               Disable; Delete when gone for good and switched on

An account that was never linked or matched is never touched. Source: Microsoft Entra ID, "How provisioning works".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioning.connectors.base import AccountContext, Attributes, RoleGrant, Target
from provisioning.engine.entitlement import Entitlement
from provisioning.engine.matching import Match, MirroredAccount
from provisioning.engine.scoping import Scoping, scope
from provisioning.errors import ObjectError
from provisioning.expressions import Context, Drop
from provisioning.expressions.context import nothing_taken
from provisioning.expressions.values import as_text
from provisioning.mapping import Difference, ObjectMapping
from provisioning.sentences import Sentence, together

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Create:
    attributes: Attributes
    shared: tuple[tuple[str, Any], ...]
    matched_on: tuple[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    account: MirroredAccount
    differences: tuple[Difference, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Enable(Update):
    pass


@dataclass(frozen=True, slots=True)
class Disable(Update):
    pass


@dataclass(frozen=True, slots=True)
class Delete:
    account: MirroredAccount


@dataclass(frozen=True, slots=True)
class Skip:
    """`account` is set when the person has one, so that a match without a difference is still remembered."""

    reason: str
    account: MirroredAccount | None = None
    note: str = ""


Action = Create | Update | Enable | Disable | Delete | Skip


@dataclass(slots=True)
class Person:
    """Everything that deciding needs to know of one person."""

    object_id: str
    attributes: Mapping[str, Any]
    enabled: bool
    removed: str
    entitlement: Entitlement
    linked: MirroredAccount | None = None
    written: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Rules:
    """What is the same for every person of a job in one cycle."""

    mapping: ObjectMapping
    target: Target
    context: AccountContext
    now: datetime
    seed: str
    """A secret of the deployment: random values are the same for the same person, and nobody can work them out."""
    taken: Callable[[str], bool] = nothing_taken
    sync_all: bool = False
    skip_out_of_scope_deletions: bool = False
    default_grant: RoleGrant | None = None
    """What everybody gets where everybody is in scope, assigned or not."""
    default_domain: str = ""

    def expression_context(self, object_id: str) -> Context:
        return Context(self.now, f"{self.seed}/{object_id}", self.taken, self.default_domain)

    def grants(self, person: "Person") -> tuple[RoleGrant, ...]:
        if self.sync_all and self.default_grant and not person.entitlement.grants:
            return (self.default_grant,)
        return person.entitlement.grants


@dataclass(frozen=True, slots=True)
class Decision:
    """An action with what the log's steps say about it."""

    action: Action
    scoping: Scoping
    match: Match | None = None


def source_values(person: Person, grants: Sequence[RoleGrant], *, soft_deleted: bool) -> dict[str, Any]:
    """The person as expressions see it: the directory's attributes and the three that are computed."""
    return {
        **person.attributes,
        "objectId": person.object_id,
        "IsSoftDeleted": str(soft_deleted),
        "appRoleAssignments": [grant.value for grant in grants],
    }


def judge_scope(person: Person, rules: Rules) -> Scoping:
    source = source_values(person, rules.grants(person), soft_deleted=False)
    return scope(
        enabled=person.enabled,
        removed=person.removed,
        entitlement=person.entitlement,
        sync_all=rules.sync_all,
        filter_result=rules.mapping.scope.evaluate(source),
    )


def decide(person: Person, scoping: Scoping, found: Match | None, rules: Rules) -> Decision:
    """Choose the one action that brings the account to the wanted state.

    Args:
        found: the match of a person without a link; None when the person is linked or out of scope, or the object
            mapping is switched off: then everybody is left as they are.

    Raises:
        ObjectError: this person cannot be provisioned; nothing is written for them.
    """
    if not rules.mapping.enabled:
        return Decision(Skip("MappingNotEnabled", person.linked), scoping)
    account = person.linked or (found.account if found else None)
    if not scoping.in_scope:
        return Decision(_leave(person, scoping, rules), scoping)
    if account is None:
        assert found is not None, "a person in scope is linked or was matched"
        return Decision(_arrive(person, found, rules), scoping, found)
    return Decision(_stay(person, account, rules), scoping, found)


def _arrive(person: Person, found: Match, rules: Rules) -> Create | Skip:
    if not rules.mapping.creates:
        return Skip("CreateNotEnabled")
    evaluation = rules.mapping.evaluate(
        source_values(person, rules.grants(person), soft_deleted=False),
        rules.expression_context(person.object_id),
        creating=True,
    )
    if evaluation.ignore_object:
        return Skip("IgnoreObjectFlow")
    _raise_first(evaluation.errors)
    wanted = rules.target.resolve(evaluation.values, roles=rules.grants(person), context=rules.context)
    return Create(wanted.attributes, wanted.shared, (found.attribute, found.value), _note(wanted.notes, ()))


def _stay(person: Person, account: MirroredAccount, rules: Rules) -> Update | Enable | Skip:
    evaluation = rules.mapping.evaluate(
        source_values(person, rules.grants(person), soft_deleted=False),
        rules.expression_context(person.object_id),
        creating=False,
        current=account.attributes,
    )
    if evaluation.ignore_object:
        return Skip("IgnoreObjectFlow", account)
    _raise_first(evaluation.errors)
    wanted = rules.target.resolve(
        evaluation.values, roles=rules.grants(person), context=rules.context, current=account.attributes
    )
    attributes = {name: value for name, value in wanted.attributes.items() if name not in wanted.create_only}
    attributes.update(dict.fromkeys(evaluation.clear))
    differing = rules.mapping.differences(attributes, account.attributes)
    differing = [found for found in differing if not _insisted(found, person)]
    fixed = rules.target.read_only(account.attributes) | rules.context.protected_attributes(account.key)
    differences = [found for found in differing if found.name not in fixed]
    note = _note(wanted.notes, [found.name for found in differing if found.name in fixed])
    if not differences:
        return Skip("RedundantExport", account, note)
    if not rules.mapping.updates:
        return Skip("UpdateNotEnabled", account)
    was_active = rules.target.is_active(account.attributes)
    becomes_active = rules.target.is_active({**account.attributes, **{d.name: d.new for d in differences}})
    kind = Enable if becomes_active and not was_active else Disable if was_active and not becomes_active else Update
    return kind(account, tuple(differences), note)


def _leave(person: Person, scoping: Scoping, rules: Rules) -> Disable | Delete | Skip:
    account = person.linked
    if account is None:
        return Skip(scoping.reason)
    if person.removed == "deleted" and rules.mapping.deletes and rules.target.can_delete:
        return _unless_protected(Delete(account), account, rules)
    if rules.skip_out_of_scope_deletions and not person.removed:
        return Skip("SkipOutOfScopeDeletions", account)
    if not rules.target.is_active(account.attributes):
        return Skip(scoping.reason, account)
    if not rules.mapping.updates:
        return Skip("UpdateNotEnabled", account)
    if not _maps_inactive(person, rules):
        return Skip("DisableNotMapped", account)
    differences = rules.mapping.differences(rules.target.disabled(account.attributes), account.attributes)
    return _unless_protected(Disable(account, tuple(differences)), account, rules)


def _unless_protected(action: Disable | Delete, account: MirroredAccount, rules: Rules) -> Disable | Delete | Skip:
    why = rules.context.protected_keys.get(account.key)
    return Skip("ProtectedAccount", account, why) if why else action


def _maps_inactive(person: Person, rules: Rules) -> bool:
    """Whether the mapping says that a person who left is not active; without such a mapping nobody is disabled."""
    mapping = rules.mapping.by_target.get(ACTIVE)
    if mapping is None:
        return False
    mapped = mapping.evaluate(
        source_values(person, rules.grants(person), soft_deleted=True), rules.expression_context(person.object_id)
    )
    return not isinstance(mapped, Drop) and (as_text(mapped) or "").lower() == "false"


def _note(notes: Sequence[Sentence], fixed: Sequence[str]) -> Sentence:
    told = list(notes)
    if fixed:
        told.append(Sentence("Not changed, because this account does not allow it: %(names)s.", names=", ".join(fixed)))
    return together(told)


def _insisted(found: Difference, person: Person) -> bool:
    """The application rewrote what it was given, was corrected, and did it again: leave it, or it goes on for ever."""
    return (
        found.name in person.replaced
        and person.replaced[found.name] == found.old
        and person.written.get(found.name) == found.new
    )


def _raise_first(errors: Mapping[str, ObjectError]) -> None:
    for error in errors.values():
        raise error
