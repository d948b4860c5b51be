"""Graph's error envelope. Source: Microsoft Graph, "Microsoft Graph error responses and resource types"."""

from collections.abc import Mapping


class GraphError(Exception):
    """What Graph refuses, raised wherever it is noticed and written by the answering function."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})


def bad_request(message: str) -> GraphError:
    return GraphError(400, "Request_BadRequest", message)


def unsupported_query(message: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)


def not_found(object_id: str) -> GraphError:
    message = f"Resource '{object_id}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", message)


def taken(name: str) -> GraphError:
    message = f"Another object with the same value for property {name} already exists."
    return GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message)
