"""The mapping of a job: one schema document, saved as a whole."""

from copy import deepcopy
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from provisioning.actions.activities import Activity
from provisioning.actions.actor import Actor
from provisioning.actions.differences import Changes
from provisioning.actions.errors import refuse, refuse_if_any
from provisioning.actions.jobs import run_now
from provisioning.engine.impact import size
from provisioning.engine.questions import answer
from provisioning.errors import ConfigurationError
from provisioning.mapping import ObjectMapping, compile_mapping, problems
from provisioning.mapping.changes import changes, text_of
from provisioning.models import AuditEntry, Job, Question
from provisioning.tasks.messages import read_and_answer_soon
from provisioning.wording import in_words

Schema = dict[str, Any]
AT_ONCE = 5_000
"""People who are decided while somebody waits: two cores take some 1.5 seconds for them."""

ACTIONS = {"create": "Add", "update": "Update", "delete": "Delete"}
"""The check boxes of Target Object Actions → Graph's flow types."""


def save(job: Job, schema: Schema, *, by: Actor, version: int | None = None) -> bool:
    """Replace the mapping. Everybody is decided anew; unsent rows of the older one are planned again.

    `version`: that which the editor was opened with; refused if another has been saved since. Returns whether anything
    differs.
    """
    with transaction.atomic():
        job.refresh_from_db(from_queryset=Job.objects.select_for_update())
        _refuse_older(job, version)
        if schema == job.schema:
            return False
        refuse_if_any(_problems(job, schema))
        differences = _differences(job.schema, schema)
        job.schema, job.schema_version = schema, job.schema_version + 1
        job.save(update_fields=["schema", "schema_version"])
        job.decide_everybody_anew()
        run_now(job)
        AuditEntry.record(by, Activity.UPDATE_MAPPINGS, application=job.application, changes=differences)
    return True


def propose(job: Job, schema: Schema, *, by: Actor, version: int | None = None, **page: Any) -> Question | None:
    """Ask whom saving this would touch. Few people are decided at once, many by a worker.

    `page` is kept with the question. Returns None where nothing differs. Raises ActionRefused as `save` would.
    """
    _refuse_older(job, version)
    if schema == job.schema:
        return None
    refuse_if_any(_problems(job, schema))
    with transaction.atomic():
        question = Question.objects.create(
            kind=Question.Kind.IMPACT,
            tenant=job.application.tenant,
            application=job.application,
            arguments={"schema": schema, "version": job.schema_version, "page": page},
            asked_by=by.get_username() if by else "",
        )
        if size(job) > AT_ONCE:
            read_and_answer_soon(question.pk)
            return question
    answer(question, now)
    question.refresh_from_db()
    return question


def read_and_propose(question: Question, *, by: Actor) -> Question:
    """Ask again, once a worker has read from the directory what the proposed mapping needs and nobody has read yet."""
    with transaction.atomic():
        again = Question.objects.create(
            kind=Question.Kind.IMPACT,
            tenant=question.tenant,
            application=question.application,
            arguments={**question.arguments, "read": True},
            asked_by=by.get_username() if by else "",
        )
        read_and_answer_soon(again.pk)
    return again


def save_proposed(question: Question, *, by: Actor) -> bool:
    """Save the mapping that was asked about. Refused if another has been saved since."""
    assert question.application is not None, "a mapping is proposed for an application"
    return save(question.application.job, question.arguments["schema"], version=question.arguments["version"], by=by)


def _refuse_older(job: Job, version: int | None) -> None:
    if version is not None and version != job.schema_version:
        raise refuse(_("Somebody else has saved the mapping meanwhile. Open it again, and repeat your change."))


def restore_defaults(job: Job, *, by: Actor) -> bool:
    """Returns whether anything differs."""
    return save(job, defaults(job), by=by)


def defaults(job: Job) -> Schema:
    """Mappings and filters as in a freshly added application."""
    schema: Schema = job.application.template["schema"]
    return schema


def set_actions(job: Job, *, by: Actor, **actions: bool) -> bool:
    """Switch create, update and delete on or off; those not named stay. Returns whether anything differs."""
    if unknown := set(actions) - set(ACTIONS):
        raise TypeError(f"not a target object action: {sorted(unknown)}")
    schema: Schema = deepcopy(job.schema)
    mapping = users_mapping(schema)
    flags = set(_flags(mapping))
    for name, wanted in actions.items():
        flags = flags | {ACTIONS[name]} if wanted else flags - {ACTIONS[name]}
    mapping["flowTypes"] = ", ".join(flag for flag in ACTIONS.values() if flag in flags) or "None"
    return save(job, schema, by=by)


def users_mapping(schema: Schema) -> dict[str, Any]:
    """The object mapping of people, as it stands in the document: to be read, or changed in a copy."""
    for rule in sorted(schema["synchronizationRules"], key=lambda rule: rule.get("priority") or 0):
        for mapping in rule["objectMappings"]:
            if mapping.get("sourceObjectName") == "User":
                found: dict[str, Any] = mapping
                return found
    raise refuse(_("The mapping has no object mapping for users."))


def _flags(mapping: dict[str, Any]) -> list[str]:
    return [flag.strip() for flag in mapping.get("flowTypes", "Add, Update, Delete").split(",")]


def _problems(job: Job, schema: Schema) -> list[tuple[str, str]]:
    """With paths as fields: "synchronizationRules[0].objectMappings[0].scope"."""
    found = [(problem.path, in_words(problem.message)) for problem in problems(schema, job.schema)]
    if found or not job.enabled:
        return found
    try:
        before = compile_mapping(job.schema)
    except ConfigurationError:
        return []  # whatever can be used is better than what is saved
    return [("", sentence) for sentence in _taken_away(before, compile_mapping(schema))]


def _taken_away(before: ObjectMapping, after: ObjectMapping) -> list[str]:
    """What cannot go while provisioning is on: required attributes."""
    required = {name for name, mapping in before.by_target.items() if mapping.required}
    return [
        _("The mapping of %(name)s is required, and cannot be deleted while provisioning is on.") % {"name": name}
        for name in sorted(required - set(after.by_target))
    ]


def _differences(before: Schema, after: Schema) -> Changes:
    return [
        {"name": change.label, "old": _shown(change.old), "new": _shown(change.new)}
        for change in changes(before, after)
    ]


def _shown(value: Any) -> Any:
    """An attribute mapping as its source's text; everything else as it is."""
    return text_of(value["source"]) if isinstance(value, dict) and "source" in value else value
