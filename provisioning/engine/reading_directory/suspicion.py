"""Absence is a suspicion: what is missing from a full round is asked for by its id before anything is removed for it.

One answer that says "still here" proves that the round lied, and nothing of it is taken in.
"""

from collections.abc import Sequence

from django.conf import settings

from provisioning.connectors.graph.source import GraphSource
from provisioning.engine.reading_directory.kinds import OBJECT_KIND
from provisioning.errors import ReadingRefused
from provisioning.models import Application, AppRole, Assignment, DirectoryObject, Feed, Membership
from provisioning.sentences import Sentence

OF_THE_TENANT = {
    Feed.Kind.USERS: Sentence("the users of the tenant"),
    Feed.Kind.GROUPS: Sentence("the groups of the tenant"),
}


def missing_objects(feed: Feed, seen: set[str], source: GraphSource) -> dict[str, str]:
    """Object id → "changed" or "deleted" for those that are proven to be gone."""
    mirrored = DirectoryObject.objects.filter(tenant=feed.tenant, kind=OBJECT_KIND[feed.kind])
    alive = mirrored.exclude(removed=DirectoryObject.Removed.HARD)
    suspects = [row for row in alive.values_list("object_id", "removed").iterator() if row[0] not in seen]
    # Those in the recycle bin are never told of; nothing more can be taken from them.
    _believable(sum(not removed for _, removed in suspects), OF_THE_TENANT[Feed.Kind(feed.kind)])
    gone: dict[str, str] = {}
    for object_id, removed in suspects:
        ask = source.user if feed.kind == Feed.Kind.USERS else source.group
        state = ask(object_id, ["id"]).removed
        if not state and removed:
            continue  # restored since the round went past it: the next round tells
        if not state:
            raise ReadingRefused(
                Sentence(
                    "The directory left out %(object_id)s in its full answer, but has it when asked. Nothing of the "
                    "answer was used.",
                    object_id=object_id,
                )
            )
        gone[object_id] = state
    return gone


def missing_members(feed: Feed, seen: set[tuple[str, str]], source: GraphSource) -> dict[tuple[str, str], bool]:
    """(group id, member id) → True for those whose group says, asked by itself, that they left."""
    mirrored = Membership.objects.filter(tenant=feed.tenant, group_id__in=feed.group_ids, removed=False)
    suspects: dict[str, set[str]] = {}
    for group_id, member_id in mirrored.values_list("group_id", "member_id").iterator():
        if (group_id, member_id) not in seen:
            suspects.setdefault(group_id, set()).add(member_id)
    _believable(len(suspects), Sentence("the members of assigned groups"))
    for group_id, members in suspects.items():
        if here := members & source.group_members(group_id):
            raise ReadingRefused(
                Sentence(
                    "The directory left out %(count)s members of the group %(group_id)s in its full answer, but has "
                    "them when asked. Nothing of the answer was used.",
                    count=len(here),
                    group_id=group_id,
                )
            )
    return {(group_id, member_id): True for group_id, members in suspects.items() for member_id in members}


def missing_assignments(application: Application, missing: Sequence[Assignment], source: GraphSource) -> list[str]:
    """Ids of the assignments that are proven to be gone."""
    _believable(len(missing), Sentence("the assignments of %(application)s", application=application))
    for row in missing:
        if source.assignment(application.service_principal_id, row.assignment_id) is not None:
            raise ReadingRefused(
                Sentence(
                    "The directory left out the assignment of %(principal_name)s in its list, but has it when asked. "
                    "Nothing of the list was used.",
                    principal_name=row.principal_name,
                )
            )
    return [row.assignment_id for row in missing]


def missing_roles(application: Application, missing: Sequence[AppRole], source: GraphSource) -> None:
    """Asks for the enterprise application in another way before its roles are believed to be gone."""
    again = source.service_principal_of(application.app_id) if missing and application.app_id else None
    told = {role.id for role in again.roles} if again else set()
    if still_there := [role.display_name for role in missing if role.role_id in told]:
        raise ReadingRefused(
            Sentence(
                "The directory left out roles of %(application)s (%(names)s), but has them when asked again. Nothing "
                "of the answer was used.",
                application=application,
                names=", ".join(still_there),
            )
        )


def _believable(suspects: int, of_what: Sentence) -> None:
    if suspects > settings.SUSPECTS_LIMIT:
        raise ReadingRefused(
            Sentence(
                "%(suspects)s of %(of_what)s are missing from the directory's answer, which is more than the "
                "%(limit)s that are believed at once. Nothing was removed. If this is right, raise SUSPECTS_LIMIT.",
                suspects=suspects,
                of_what=of_what,
                limit=settings.SUSPECTS_LIMIT,
            )
        )
