"""Feeds → directory mirror.

A round is spooled to disk, checked when it has ended, then taken in a thousand rows at a time, removals last, safe to
repeat.
A broken, truncated, repeated, empty or lying round changes nothing: what is missing from a full round is only a
suspicion, and
is asked for by its id before anything is removed for it.

    feeds        which rounds a tenant needs, and how fresh they are
    rounds       one feed: read, check, take in
    suspicion    what is missing from a full round
    taking_in    rows → mirror
    roles        the application's roles as the tenant has them
"""

from provisioning.engine.reading_directory.feeds import is_fresh, needs_full_round
from provisioning.engine.reading_directory.tenants import read_tenant

__all__ = ["is_fresh", "needs_full_round", "read_tenant"]
