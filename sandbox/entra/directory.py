"""The directory of one tenant: objects, their relations, assignments, and the number of every change.

Every change takes the directory's next number. An object keeps, for each property and each link, the number of its last
change; `touched` holds the objects of a kind in the order of their last change. A delta is read from those numbers
alone, so that it is exact whatever the history was.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from sandbox.identifiers import guid

Kind = Literal["user", "group", "servicePrincipal"]
KINDS: tuple[Kind, ...] = ("user", "group", "servicePrincipal")
RELATIONS: dict[Kind, tuple[str, ...]] = {"user": ("manager",), "group": ("members", "owners"), "servicePrincipal": ()}
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
RESTORABLE_SECONDS = 30 * 86400
KEPT_MOMENTS = 2000


class Relation(msgspec.Struct):
    """Links from one object to others. Both dictionaries are in the order of their numbers."""

    links: dict[str, int] = {}
    """Object id → number of the change that made the link."""
    cut: dict[str, int] = {}
    """Object id → number of the change that took the link away."""


class DirectoryObject(msgspec.Struct):
    id: str
    kind: Kind
    properties: dict[str, Any]
    """Graph property → value. A property that was never set is not in it; one that was set to null is."""
    appeared: int
    """Number at which it was created, or last restored."""
    changed: dict[str, int] = {}
    """Property → number of its last change after that."""
    relations: dict[str, Relation] = {}

    def links(self, relation: str) -> dict[str, int]:
        return self.relations[relation].links if relation in self.relations else {}


class Assignment(msgspec.Struct):
    """An app role given to a user or a group, as `appRoleAssignedTo` of the resource shows it."""

    id: str
    principal: str
    resource: str
    role: str
    created: str


class Deleted(msgspec.Struct):
    """A soft-deleted object, with what comes back when it is restored."""

    object: DirectoryObject
    at: float
    """Seconds since 1970."""
    incoming: list[tuple[str, str]]
    """(object id, relation) of the links that led to it."""
    assignments: list[Assignment]


class Directory(msgspec.Struct):
    tenant_id: str
    domain: str
    seed: str
    number: int = 0
    objects: dict[Kind, dict[str, DirectoryObject]] = msgspec.field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    deleted: dict[str, Deleted] = {}
    touched: dict[Kind, dict[str, int]] = msgspec.field(default_factory=lambda: {kind: {} for kind in KINDS})
    assignments: dict[str, Assignment] = {}
    principal_names: dict[str, str] = {}
    """Lower-case userPrincipalName → id of a live user."""
    moments: list[tuple[float, int]] = []
    """(seconds since 1970, last number given out by then), for changes that show up late."""

    # Reading

    def find(self, object_id: str) -> DirectoryObject | None:
        """A live object of any kind."""
        for objects in self.objects.values():
            if object_id in objects:
                return objects[object_id]
        return None

    def find_user(self, id_or_name: str) -> DirectoryObject | None:
        """A live user by id or userPrincipalName."""
        users = self.objects["user"]
        return users.get(id_or_name) or users.get(self.principal_names.get(id_or_name.lower(), ""))

    def linked(self, source: DirectoryObject, relation: str) -> Iterator[DirectoryObject]:
        return (found for target in source.links(relation) if (found := self.find(target)) is not None)

    def linking(self, target: str) -> Iterator[tuple[DirectoryObject, str]]:
        """(object, relation) of every link that leads to an object."""
        for objects in self.objects.values():
            for source in objects.values():
                for name, relation in source.relations.items():
                    if target in relation.links:
                        yield source, name

    def assignments_to(self, resource: str) -> Iterator[Assignment]:
        return (assignment for assignment in self.assignments.values() if assignment.resource == resource)

    def assignments_of(self, principal: str) -> Iterator[Assignment]:
        return (assignment for assignment in self.assignments.values() if assignment.principal == principal)

    # Writing

    def add(self, kind: Kind, properties: dict[str, Any], object_id: str | None = None) -> DirectoryObject:
        new_id = object_id or guid(self.seed, kind, self.number)
        added = DirectoryObject(new_id, kind, {"id": new_id} | properties, self.number + 1)
        self.objects[kind][new_id] = added
        self._touch(added)
        self._name(added)
        return added

    def change(self, changing: DirectoryObject, properties: dict[str, Any]) -> None:
        """Set properties; those that already have the value do not count as changed."""
        present = changing.properties
        news = {name: value for name, value in properties.items() if name not in present or present[name] != value}
        if not news:
            return
        if "userPrincipalName" in news:
            self.principal_names.pop(present["userPrincipalName"].lower(), None)
        present.update(news)
        changing.changed.update(dict.fromkeys(news, self._touch(changing)))
        self._name(changing)

    def link(self, source: DirectoryObject, relation: str, target: str) -> None:
        links = source.relations.setdefault(relation, Relation())
        if target not in links.links:
            links.cut.pop(target, None)
            links.links[target] = self._touch(source)

    def unlink(self, source: DirectoryObject, relation: str, target: str) -> None:
        links = source.relations.get(relation)
        if links is not None and links.links.pop(target, None) is not None:
            links.cut[target] = self._touch(source)

    def set_manager(self, user: DirectoryObject, manager: str | None) -> None:
        for former in [former for former in user.links("manager") if former != manager]:
            self.unlink(user, "manager", former)
        if manager is not None:
            self.link(user, "manager", manager)

    def assign(self, principal: str, resource: str, role: str, created: str) -> Assignment:
        """The principal, the resource and the role must exist, and the same assignment must not."""
        self.number += 1
        new_id = (
            guid(self.seed, "assignment", self.number).replace("-", "")[:22] + "_" + principal.replace("-", "")[:20]
        )
        self.assignments[new_id] = Assignment(new_id, principal, resource, role, created)
        return self.assignments[new_id]

    def delete(self, leaving: DirectoryObject, now: float) -> None:
        """Soft delete, which `restore` undoes; a security group goes for good, as it has no recycle bin."""
        incoming = [(source.id, relation) for source, relation in self.linking(leaving.id)]
        for source, relation in list(self.linking(leaving.id)):
            self.unlink(source, relation, leaving.id)
        own = [a for a in self.assignments.values() if leaving.id in (a.principal, a.resource)]
        for assignment in own:
            del self.assignments[assignment.id]
        del self.objects[leaving.kind][leaving.id]
        self.principal_names.pop(leaving.properties.get("userPrincipalName", "").lower(), None)
        self._touch(leaving)
        if leaving.kind != "group" or "Unified" in leaving.properties.get("groupTypes", ()):
            self.deleted[leaving.id] = Deleted(leaving, now, incoming, own)

    def restore(self, object_id: str) -> DirectoryObject:
        """Bring a soft-deleted object back, with its memberships and assignments, where both ends still live."""
        restored = self.deleted.pop(object_id)
        returning = restored.object
        returning.appeared = self._touch(returning)
        self.objects[returning.kind][object_id] = returning
        self._name(returning)
        for source_id, relation in restored.incoming:
            source = self.find(source_id)
            # Someone may have been given another manager in the meantime.
            if source is not None and not (relation == "manager" and source.links("manager")):
                self.link(source, relation, object_id)
        for relation, links in returning.relations.items():
            for target in [target for target in links.links if self.find(target) is None]:
                self.unlink(returning, relation, target)
        for assignment in restored.assignments:
            if self.find(assignment.principal) and self.find(assignment.resource):
                self.assignments[assignment.id] = assignment
        return returning

    def erase(self, object_id: str) -> None:
        """Remove a soft-deleted object for good."""
        self._touch(self.deleted.pop(object_id).object)

    def expire(self, now: float) -> None:
        """Remove for good what has been soft-deleted for thirty days."""
        for object_id in [key for key, gone in self.deleted.items() if now - gone.at > RESTORABLE_SECONDS]:
            self.erase(object_id)

    def note_moment(self, now: float) -> None:
        """Remember that the last number given out so far was given out by now."""
        if not self.moments or self.number > self.moments[-1][1]:
            self.moments.append((now, self.number))
        if len(self.moments) > KEPT_MOMENTS:
            # What is older than all that is remembered counts as having always been there.
            self.moments[:2] = [(0.0, self.moments[1][1])]

    def number_at(self, moment: float) -> int:
        """The last number given out by then."""
        return max((number for noted, number in self.moments if noted <= moment), default=0)

    def _touch(self, touched: DirectoryObject) -> int:
        self.number += 1
        order = self.touched[touched.kind]
        order.pop(touched.id, None)
        order[touched.id] = self.number
        return self.number

    def _name(self, named: DirectoryObject) -> None:
        if named.kind == "user":
            self.principal_names[named.properties["userPrincipalName"].lower()] = named.id
