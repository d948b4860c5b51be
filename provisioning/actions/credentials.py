"""Admin credentials: storing, testing and choosing among what they open. A secret is never shown again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import Changes, record_changes, secrets_changed
from provisioning.actions.errors import refuse, refuse_if_any
from provisioning.connectors.base import CredentialField
from provisioning.connectors.registry import TARGETS
from provisioning.engine import authorization
from provisioning.errors import ConfigurationError
from provisioning.models import Account, Application, AuditEntry, Credential, Job, Question, Tenant
from provisioning.tasks.messages import ask_soon, run_soon, test_soon
from provisioning.wording import in_words

MODE = "auth_mode"
ROTATED = "refresh_token"
"""Renewed with every use: a copy of it, once tried, would leave the stored one useless."""


def fields(application: Application) -> Sequence[CredentialField]:
    """What the application's connector asks for."""
    return TARGETS[application.connector].credential_fields


def saved(owner: Application | Tenant) -> Credential | None:
    return owner.credentials.filter(draft=False).first()


def save(application: Application, *, values: Mapping[str, str], secrets: Mapping[str, str], by: Actor) -> Credential:
    """Store Admin Credentials, and let a worker test them if they differ from those stored.

    Args:
        values: an absent name keeps what is stored, an empty text removes it.
        secrets: an absent name or an empty text keeps what is stored.
    """
    with transaction.atomic():
        credential = _for_update(application)
        merged = _merged(credential, values)
        typed = {name: value for name, value in secrets.items() if value}
        refuse_if_any(_problems(fields(application), merged, typed, credential.stored))
        changes = _value_changes(credential.values, merged)
        credential.values = merged
        changes += secrets_changed(credential.enter(typed))
        if changes:
            _store_and_test(credential, secrets=bool(typed))
            _try_again(application)
        record_changes(by, Activity.UPDATE_SETTINGS, changes, application=application)
    return credential


def draft(
    owner: Application | Tenant, *, values: Mapping[str, str], secrets: Mapping[str, str], by: Actor
) -> Credential:
    """Test Connection with what stands on a form, saved or not. Returns the row that the checks are written to.

    Nothing of it is kept when it has been tested, and nothing outside is changed. Arguments as for `save`; a tenant's
    values are tenant_id, client_id, authority, graph_url and ca_file.
    """
    with transaction.atomic():
        stored = saved(owner) or Credential()
        merged = _merged(stored, values)
        typed = {name: value for name, value in secrets.items() if value}
        if isinstance(owner, Application):
            refuse_if_any(_problems(fields(owner), merged, typed, stored.stored))
        untouched = merged == stored.values and not typed
        if stored.pk and (
            untouched or (ROTATED in stored.stored and ROTATED not in typed and not _by_password(merged))
        ):
            return request_test(stored, by=by)
        tried = Credential(draft=True, values=merged, **_owner(owner))
        tried.copy_secrets(stored)
        tried.enter(typed)
        tried.test = Credential.Test.WAITING
        tried.save()
        AuditEntry.record(by, Activity.TEST_CREDENTIALS, **_owner(owner))
        test_soon(tried.pk)
    return tried


def request_test(credential: Credential, *, by: Actor) -> Credential:
    """Test Connection with the stored credentials; the checks appear on the row."""
    with transaction.atomic():
        credential.test, credential.checks, credential.tested_at = Credential.Test.WAITING, [], None
        credential.save(update_fields=["test", "checks", "tested_at"])
        owner = credential.application or credential.tenant
        assert owner is not None, "credentials belong to a tenant or an application"
        AuditEntry.record(by, Activity.TEST_CREDENTIALS, **_owner(owner))
        test_soon(credential.pk)
    return credential


def choose_account(application: Application, account_key: str, *, by: Actor) -> Credential:
    """Of several accounts that the credentials open, provision this one.

    Another account than the one provisioned so far starts with an empty mirror: its accounts are matched anew.
    """
    credential = saved(application)
    if credential is None or account_key not in credential.accounts:
        raise refuse(_("The credentials do not open this account. Test them again."), "account_key")
    others = Application.objects.filter(connector=application.connector, account_key=account_key)
    if other := others.exclude(pk=application.pk).first():
        raise refuse(_("%(application)s provisions this account already.") % {"application": other}, "account_key")
    with transaction.atomic():
        credential = save(application, values={"account_key": account_key}, secrets={}, by=by)
        if application.account_key not in ("", account_key):
            Account.objects.filter(application=application).delete()
            Job.objects.filter(application=application).update(accounts_listed_at=None, accounts_total=None)
            application.job.decide_everybody_anew()
        application.account_key = account_key
        application.save(update_fields=["account_key"])
    return credential


def authorize_address(application: Application, *, redirect_uri: str) -> tuple[str, str, str]:
    """(where to send the administrator's browser, state, verifier); keep the last two in his session."""
    state, verifier = authorization.new_verifier(), authorization.new_verifier()
    try:
        return (
            authorization.address(application, redirect_uri=redirect_uri, state=state, verifier=verifier),
            state,
            verifier,
        )
    except ConfigurationError as error:
        raise refuse(in_words(error.message), MODE) from error


def authorize(application: Application, *, code: str, redirect_uri: str, verifier: str, by: Actor) -> Question:
    """The administrator came back with a code: a worker turns it into an authorization that lasts, and tests it."""
    with transaction.atomic():
        credential = _for_update(application)
        changes = _value_changes(credential.values, {**credential.values, MODE: "authorize"})
        credential.values = {**credential.values, MODE: "authorize"}
        credential.test = Credential.Test.WAITING
        credential.save()
        carrier = Credential(draft=True, application=application, values={"redirect_uri": redirect_uri})
        carrier.enter({"code": code, "verifier": verifier})
        carrier.save()
        question = Question.objects.create(
            kind=Question.Kind.AUTHORIZE,
            application=application,
            arguments={"credential": carrier.pk},
            asked_by=by.get_username() if by else "",
        )
        changes += secrets_changed([ROTATED])
        AuditEntry.record(by, Activity.UPDATE_SETTINGS, application=application, changes=changes)
        ask_soon(question.pk)
    return question


def enter_tenant_secrets(tenant: Tenant, secrets: Mapping[str, str], *, changed_otherwise: bool) -> Changes:
    """Part of the tenants' actions, in their transaction: a secret replaces a certificate, and the other way round."""
    credential = Credential.objects.select_for_update().filter(tenant=tenant, draft=False).first()
    credential = credential or Credential(tenant=tenant)
    typed = {name: value for name, value in secrets.items() if value}
    kept = {"client_secret"} if "client_secret" in typed else {"private_key", "public_certificate", "passphrase"}
    if typed:
        credential.forget(credential.stored - kept)
    changes = secrets_changed(credential.enter(typed))
    if changes or changed_otherwise:
        _store_and_test(credential, secrets=bool(changes))
    return changes


def _for_update(application: Application) -> Credential:
    stored = Credential.objects.select_for_update().filter(application=application, draft=False).first()
    return stored or Credential(application=application)


def _store_and_test(credential: Credential, *, secrets: bool) -> None:
    """What was tested is no longer what is stored: the result would be stale."""
    credential.test, credential.checks, credential.tested_at = Credential.Test.WAITING, [], None
    if secrets:
        credential.secrets_changed_at = now()
    credential.save()
    test_soon(credential.pk)


def _try_again(application: Application) -> None:
    """A job that waits in quarantine for better credentials tries them at once."""
    for job in Job.objects.filter(application=application, enabled=True):
        Job.objects.filter(pk=job.pk).update(run_requested_at=now(), next_run_at=now())
        run_soon(job.pk)


def _owner(owner: Application | Tenant) -> dict[str, Any]:
    return {"application": owner} if isinstance(owner, Application) else {"tenant": owner}


def _merged(credential: Credential, values: Mapping[str, str]) -> dict[str, str]:
    merged = {**credential.values, **{name: value.strip() for name, value in values.items()}}
    return {name: value for name, value in merged.items() if value}


def _by_password(values: Mapping[str, str]) -> bool:
    return values.get(MODE, "password") == "password"


def _value_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    names = sorted({*before, *after})
    return [
        {"name": name, "old": before.get(name), "new": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def _problems(
    asked: Sequence[CredentialField], values: Mapping[str, str], typed: Mapping[str, str], stored: frozenset[str]
) -> list[tuple[str, str]]:
    known = {field.name: field for field in asked}
    problems = [(name, _("The application does not ask for this.")) for name in (*values, *typed) if name not in known]
    mode = values.get(MODE) or next((field.choices[0][0] for field in asked if field.name == MODE), "")
    for field in asked:
        value = values.get(field.name, "")
        if field.choices and value and value not in dict(field.choices):
            problems.append((field.name, _("This is not one of the choices.")))
        if not field.required or (field.modes and mode not in field.modes):
            continue
        if not value and field.name not in typed and field.name not in stored:
            problems.append((field.name, _("%(label)s is missing.") % {"label": _(field.label)}))
    return problems
