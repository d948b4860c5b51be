"""Resource units: what a request costs, what is left, and the headers that say so.

Source: Microsoft Graph, "Microsoft Graph service-specific throttling limits", Identity and access.
"""

from dataclasses import dataclass

from sandbox.entra.graph.errors import GraphError
from sandbox.exchange import Call
from sandbox.world import World

WINDOW_SECONDS = 10
WRITES = 3000
WRITE_WINDOW_SECONDS = 150
SMALL_PAGE = 20
WARNING_LEVEL = 0.8
HIGHEST_LEVEL = 1.8


def cost_of(base: int, call: Call) -> int:
    """Resource units of a request: selecting makes it cheaper, expanding dearer, a small page cheaper; at least one."""
    top = call.query.get("$top", "")
    small = top.isdigit() and int(top) < SMALL_PAGE
    return max(1, base - ("$select" in call.query) + ("$expand" in call.query) - small)


def limit_of(world: World) -> int:
    """Resource units that one application may use in ten seconds; 0: no limit."""
    if world.knobs.graph_resource_units is not None:
        return world.knobs.graph_resource_units
    users = len(world.directory.objects["user"])
    return 3500 if users < 50 else 5000 if users <= 500 else 8000


@dataclass
class Charge:
    """What the request at hand was charged."""

    units: int = 1
    level: float = 0.0
    """Used part of the limit, after this request."""

    def add(self, world: World, client_id: str, units: int, method: str) -> None:
        """Count the request, also when it is refused for it. Raises GraphError."""
        self.units = units
        limit = limit_of(world)
        if not limit:
            return
        now = world.clock.now()
        used, left = world.windows.spend(f"units {client_id}", units, WINDOW_SECONDS, now)
        self.level = used / limit
        if used > limit:
            raise throttled(world, client_id, "ResourceUnitLimitExceeded", left)
        if method not in ("GET", "HEAD"):
            used, left = world.windows.spend(f"writes {client_id}", 1, WRITE_WINDOW_SECONDS, now)
            if used > WRITES:
                raise throttled(world, client_id, "WriteLimitExceeded", left)

    def headers(self) -> dict[str, str]:
        headers = {"x-ms-resource-unit": str(self.units)}
        if self.level > WARNING_LEVEL:
            headers["x-ms-throttle-limit-percentage"] = f"{min(self.level, HIGHEST_LEVEL):.2f}"
        return headers


def throttled(world: World, client_id: str, information: str, left: float) -> GraphError:
    headers = {
        "x-ms-throttle-scope": f"Tenant_Application/ReadWrite/{client_id}/{world.directory.tenant_id}",
        "x-ms-throttle-information": information,
    }
    if world.knobs.graph_retry_after:
        headers["Retry-After"] = str(max(1, round(left + 0.5)))
    return GraphError(429, "TooManyRequests", "Too many requests.", headers)
