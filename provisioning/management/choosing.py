"""Naming an application or a person on the command line: by whatever they are called, as long as it is unique."""

from collections.abc import Iterable

from django.core.management.base import CommandError
from django.db.models import Q

from provisioning.models import Application, DirectoryObject, Job


def chosen_job(name: str) -> Job:
    """By number, display name or template id, whatever the case. Raises CommandError with what there is."""
    jobs = Job.objects.select_related("application__tenant")
    asked = Q(application__display_name__iexact=name) | Q(application__template_id__iexact=name) | Q(job_id=name)
    if name.isdigit():
        asked |= Q(application_id=int(name))
    found = list(jobs.filter(asked))
    exact = [job for job in found if job.application.display_name.lower() == name.lower()]
    if len(exact or found) == 1:
        return (exact or found)[0]
    raise CommandError(_none_or_several("application", name, bool(found), _applications()))


def chosen_person(job: Job, name: str) -> DirectoryObject:
    """By user principal name, mail, object id or display name, from the mirror. Raises CommandError."""
    people = DirectoryObject.objects.filter(
        tenant=job.application.tenant, kind=DirectoryObject.Kind.USER
    ).select_related("tenant")
    for asked in (
        Q(object_id__iexact=name) | Q(user_principal_name__iexact=name),
        Q(mail__iexact=name) | Q(display_name__iexact=name),
    ):
        found = list(people.filter(asked).order_by("removed", "pk")[:5])
        if len(found) == 1 or (found and found[1].removed and not found[0].removed):
            return found[0]
        if found:
            raise CommandError(_none_or_several("person", name, True, (f"{p} ({p.object_id})" for p in found)))
    raise CommandError(
        f"Nobody in the mirror of {job.application.tenant} is called “{name}”. Give the user principal name, the mail "
        "address, the object id or the display name; somebody new is known after the next cycle."
    )


def _applications() -> Iterable[str]:
    rows = Application.objects.select_related("tenant").order_by("pk")
    return [f"{row.pk}  {row.display_name} ({row.tenant})" for row in rows]


def _none_or_several(what: str, name: str, several: bool, there_is: Iterable[str]) -> str:
    head = f"Several {what}s are called “{name}”." if several else f"There is no {what} called “{name}”."
    listed = "\n".join(f"  {line}" for line in there_is)
    return f"{head} There is:\n{listed}" if listed else f"{head} None has been added yet."
