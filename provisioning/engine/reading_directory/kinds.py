from provisioning.models import DirectoryObject, Feed

OBJECT_KIND: dict[str, str] = {Feed.Kind.USERS: DirectoryObject.Kind.USER, Feed.Kind.GROUPS: DirectoryObject.Kind.GROUP}
"""Which objects a feed tells of."""
