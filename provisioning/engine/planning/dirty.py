"""Whom a cycle must decide: people whose object, membership, assignment or account moved since the watermark."""

from datetime import datetime

from provisioning.models import Assignment, Change, DirectoryObject, Job, Link, Membership

CHUNK = 5000


def dirty(job: Job, up_to: int, now: datetime) -> list[int]:
    """Primary keys of DirectoryObject, ascending. At watermark 0 (an initial cycle): everybody whom the job concerns.

    A person without any assignment, and never provisioned, is not among them: they cost nothing, not even a row.
    """
    pks = _everybody(job) if job.watermark == 0 else _moved(job, up_to)
    pks |= set(Link.objects.filter(job=job, retry_at__lte=now).values_list("subject_id", flat=True))
    return sorted(pks)


def _everybody(job: Job) -> set[int]:
    tenant = job.application.tenant
    users = DirectoryObject.objects.filter(tenant=tenant, kind=DirectoryObject.Kind.USER)
    known = set(Link.objects.filter(job=job).values_list("subject_id", flat=True))
    # Whoever left before what was planned for them was sent: nothing else would take the old plan away.
    open_rows = Change.objects.filter(job=job, status__in=Change.OPEN, subject__isnull=False)
    known |= set(open_rows.values_list("subject_id", flat=True))
    if job.scope == Job.Scope.ALL:
        return known | set(users.values_list("pk", flat=True))
    return known | _pks(job, _assigned_people(job))


def _assigned_people(job: Job) -> set[str]:
    live = Assignment.objects.filter(application=job.application, removed=False)
    direct = set(live.filter(principal_kind="user").values_list("principal_id", flat=True))
    groups = list(live.filter(principal_kind="group").values_list("principal_id", flat=True))
    return direct | _members(job, groups)


def _members(job: Job, groups: list[str], **conditions: object) -> set[str]:
    members = Membership.objects.filter(tenant=job.application.tenant, group_id__in=groups, **conditions)
    return set(members.values_list("member_id", flat=True))


def _moved(job: Job, up_to: int) -> set[int]:
    tenant = job.application.tenant
    since = {"reading__gt": job.watermark, "reading__lte": up_to}
    objects = DirectoryObject.objects.filter(tenant=tenant, **since)
    assignments = Assignment.objects.filter(application=job.application)
    moved = assignments.filter(**since)
    ids = set(moved.filter(principal_kind="user").values_list("principal_id", flat=True))
    ids |= _members(job, list(moved.filter(principal_kind="group").values_list("principal_id", flat=True)))
    groups = list(assignments.filter(principal_kind="group").values_list("principal_id", flat=True))
    changed_groups = objects.filter(kind=DirectoryObject.Kind.GROUP, object_id__in=groups)
    ids |= _members(job, list(changed_groups.values_list("object_id", flat=True)))
    ids |= _members(job, groups, **since)
    return _pks(job, ids) | _concerned(
        job, set(objects.filter(kind=DirectoryObject.Kind.USER).values_list("pk", "object_id"))
    )


def _concerned(job: Job, moved: set[tuple[int, str]]) -> set[int]:
    """Of the people who changed, those whom the job knows or who are assigned."""
    if not moved or job.scope == Job.Scope.ALL:
        return {pk for pk, _ in moved}
    linked = set(Link.objects.filter(job=job).values_list("subject_id", flat=True))
    assigned = _assigned_people(job)
    return {pk for pk, object_id in moved if pk in linked or object_id in assigned}


def _pks(job: Job, object_ids: set[str]) -> set[int]:
    pks: set[int] = set()
    ids = list(object_ids)
    users = DirectoryObject.objects.filter(tenant=job.application.tenant, kind=DirectoryObject.Kind.USER)
    for start in range(0, len(ids), CHUNK):
        pks |= set(users.filter(object_id__in=ids[start : start + CHUNK]).values_list("pk", flat=True))
    return pks
