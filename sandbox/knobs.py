"""How this world behaves where the real one differs from tenant to tenant, or where nobody could confirm it.

Every knob is described in README.md, "Knobs"; `POST /reset` puts them all back to what stands here.
"""

from typing import Literal

import msgspec


class Knobs(msgspec.Struct, forbid_unknown_fields=True):
    # Entra's token service
    access_token_seconds: int = 3599

    # Microsoft Graph
    delta_token_days: float = 7
    delta_expiry: Literal[
        "410 resyncRequired", "400 syncStateNotFound", "400 Request_UnsupportedQuery", "400 Directory_ExpiredPageToken"
    ] = "410 resyncRequired"
    page_token_minutes: float = 15
    delta_page_objects: int = 200
    delta_page_links: int = 500
    delta_delay_seconds: float = 0
    delta_replays: int = 0
    delta_duplicates: bool = False
    delta_shuffled: bool = False
    delta_removed_at_first: bool = False
    empty_pages: bool = False
    graph_resource_units: int | None = None
    graph_retry_after: bool = True
    microsoft_provisioning: Literal["none", "Active", "Paused", "Disabled"] = "none"

    # GoTo's token endpoints
    answer_generation: Literal["current", "legacy"] = "current"
    expires_in: Literal["number", "string"] = "number"
    refresh_mode: Literal["omit", "same", "rotate"] = "omit"
    password_grant: bool = True
    wrong_password: Literal["400 invalid_grant", "401 invalid_grant", "401 access_denied", "403 invalid_grant"] = (
        "400 invalid_grant"
    )

    # GoTo's Admin API
    seats_exhausted_status: Literal[400, 403, 409, 422] = 400
    seats_exhausted_code: str = "no.seats.available"
    create_status: Literal[200, 201] = 201
    update_status: Literal[200, 202, 204] = 204
    delete_status: Literal[200, 202, 204] = 204
    create_license_field: Literal["beside users", "inside users"] = "beside users"
    update_license_field: Literal["licenseKeys", "licenses", "licenseKey"] = "licenseKeys"
    read_license_keys: Literal["always", "unless suspended", "never"] = "always"
    status_spelling: Literal["upper", "lower", "portal"] = "upper"
    error_body: Literal["code", "errorCode", "int_err_code", "empty", "html"] = "code"
    page_size_default: int = 50
    page_size_maximum: int = 1000
    page_size_excess: Literal["clamped", "refused"] = "clamped"
    email_filter_case: Literal["ignored", "exact"] = "ignored"
    array_maximum: int = 100
    license_or_role_required: bool = True
    invited_take_seats: bool = True
    keys: Literal["number", "string"] = "number"
    rate_limit: int = 10
    retry_after: bool = False
    invisible_seconds: float = 0
