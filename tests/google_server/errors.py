"""The answers Google gives when it refuses: one constructor per recorded or documented error body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROJECT = "515151515151"
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


class GoogleError(Exception):
    """A refusal with its status, body and headers, exactly as it goes over the wire."""

    def __init__(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def drive_error(
    status: int, reason: str, message: str, domain: str = "global", location: tuple[str, str] | None = None
) -> GoogleError:
    """Return an error in Drive's shape; `location` is (location type, location)."""
    detail = {"message": message, "domain": domain, "reason": reason}
    if location is not None:
        detail |= {"location": location[1], "locationType": location[0]}
    return GoogleError(status, {"error": {"code": status, "message": message, "errors": [detail]}})


def sheets_error(status: int, word: str, message: str, details: list[dict[str, Any]] | None = None) -> GoogleError:
    """Return an error in the shape of Sheets; `word` is the canonical status word."""
    error: dict[str, Any] = {"code": status, "message": message, "status": word}
    if details:
        error["details"] = details
    return GoogleError(status, {"error": error})


# ---------------------------------------------------------------------------------------------------------- Sheets


def sheets_rate(kind: str, per: str = "user") -> GoogleError:
    """Return the 429 of the quota of `kind` ("read" or "write"), per "user" or per "project"."""
    word = kind.capitalize()
    limit, metric_limit = f"{word} requests per minute", f"{word}RequestsPerMinutePerProject"
    if per == "user":
        limit, metric_limit = f"{limit} per user", f"{word}RequestsPerMinutePerUser"
    message = (
        f"Quota exceeded for quota metric '{word} requests' and limit '{limit}' of service "
        f"'sheets.googleapis.com' for consumer 'project_number:{PROJECT}'."
    )
    metadata = {
        "quota_limit": metric_limit,
        "quota_metric": f"sheets.googleapis.com/{kind}_requests",
        "service": "sheets.googleapis.com",
        "consumer": f"projects/{PROJECT}",
    }
    return sheets_error(429, "RESOURCE_EXHAUSTED", message, [_error_info("RATE_LIMIT_EXCEEDED", metadata)])


def sheets_forbidden() -> GoogleError:
    """Return what Sheets says without the needed role, and on a file whose content is restricted."""
    return sheets_error(403, "PERMISSION_DENIED", "The caller does not have permission")


def sheets_not_found() -> GoogleError:
    """Return what Sheets says of a spreadsheet that is not there."""
    return sheets_error(404, "NOT_FOUND", "Requested entity was not found.")


def invalid_sheets(message: str, field: str = "", description: str = "") -> GoogleError:
    """Return 400 INVALID_ARGUMENT; `field` adds the BadRequest detail."""
    details: list[dict[str, Any]] = []
    if field:
        violation = {"field": field, "description": description or message}
        details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return sheets_error(400, "INVALID_ARGUMENT", message, details)


def protected(prefix: str = "") -> GoogleError:
    """Return the refusal of an edit in a protected range; `prefix` is like "Invalid requests[0].updateCells: "."""
    return invalid_sheets(prefix + PROTECTED)


def warning_only_editors(prefix: str = "") -> GoogleError:
    """Return the refusal of editors on a range that only warns."""
    return invalid_sheets(prefix + "ProtectedRange is warningOnly. Editors cannot be set on it.")


def sheets_unavailable() -> GoogleError:
    """Return the 503 that Sheets gives when it is overloaded."""
    return sheets_error(503, "UNAVAILABLE", "The service is currently unavailable.")


def sheets_internal() -> GoogleError:
    """Return the 500 of Sheets."""
    return sheets_error(500, "INTERNAL", "Internal error encountered.")


# ----------------------------------------------------------------------------------------------------------- Drive


def drive_not_found(file_id: str) -> GoogleError:
    """Return what Drive says of a file that is not there, or not for this caller."""
    return drive_error(404, "notFound", f"File not found: {file_id}.", location=("parameter", "fileId"))


def permission_not_found(permission_id: str) -> GoogleError:
    """Return what Drive says of a permission that is not there."""
    return drive_error(
        404, "notFound", f"Permission not found: {permission_id}.", location=("parameter", "permissionId")
    )


def shared_drive_not_found(drive_id: str) -> GoogleError:
    """Return what Drive says of a Shared Drive that is not there."""
    return drive_error(404, "notFound", f"Shared drive not found: {drive_id}", location=("parameter", "driveId"))


def drive_forbidden(file_id: str) -> GoogleError:
    """Return what Drive says when the role is too low."""
    message = f"The user does not have sufficient permissions for file {file_id}."
    return drive_error(403, "insufficientFilePermissions", message)


def app_not_authorized(file_id: str) -> GoogleError:
    """Return what Drive says when the app was never given the file (scope drive.file)."""
    message = f"The user has not granted the app {PROJECT} write access to the file {file_id}."
    return drive_error(403, "appNotAuthorizedToFile", message)


def invalid_drive(message: str, reason: str = "invalid", location: tuple[str, str] | None = None) -> GoogleError:
    """Return a 400 of Drive."""
    return drive_error(400, reason, message, location=location)


def invalid_query() -> GoogleError:
    """Return the 400 for a `q` that cannot be parsed."""
    return invalid_drive("Invalid Value", location=("parameter", "q"))


def invalid_fields(path: str) -> GoogleError:
    """Return the 400 for a `fields` that names what Drive does not have."""
    return invalid_drive(f"Invalid field selection {path}", "invalidParameter", ("parameter", "fields"))


def fields_required() -> GoogleError:
    """Return the 400 of about.get without `fields`."""
    message = "The 'fields' parameter is required for this method."
    return invalid_drive(message, "required", ("parameter", "fields"))


def sa_no_quota() -> GoogleError:
    """Return the refusal of a file that a service account would own."""
    message = (
        "Service Accounts do not have storage quota. Leverage shared drives "
        "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation "
        "(http://support.google.com/a/answer/7281227) instead."
    )
    return drive_error(403, "storageQuotaExceeded", message, "usageLimits")


def user_full(domain: str = "global") -> GoogleError:
    """Return the refusal for a full Drive; the documentation says "global", the wild knows "usageLimits" too."""
    return drive_error(403, "storageQuotaExceeded", "The user's Drive storage quota has been exceeded.", domain)


def drive_user_rate() -> GoogleError:
    """Return Drive's 403 for too many requests of one user: may be repeated later."""
    return drive_error(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits")


def drive_rate(status: int = 403) -> GoogleError:
    """Return Drive's 403 or 429 for too many requests: may be repeated later."""
    return drive_error(status, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")


def drive_daily_limit() -> GoogleError:
    """Return Drive's 403 for a used-up day: final."""
    return drive_error(403, "dailyLimitExceeded", "Daily Limit Exceeded", "usageLimits")


def drive_backend() -> GoogleError:
    """Return the 500 of Drive."""
    return drive_error(500, "backendError", "Backend Error")


def membership_required(drive_id: str) -> GoogleError:
    """Return the 403 for a caller that is no member of the Shared Drive."""
    message = f"The attempted action requires shared drive membership. {drive_id}"
    return drive_error(403, "teamDriveMembershipRequired", message)


def inherited_permission() -> GoogleError:
    """Return the refusal to change one file's permission that the Shared Drive gives."""
    message = "Cannot update or delete an inherited permission on a shared drive item."
    return drive_error(403, "cannotModifyInheritedTeamDrivePermission", message)


def shared_drive_restriction() -> GoogleError:
    """Return the refusal to set writersCanShare on an item of a Shared Drive."""
    message = "The requested restriction is not allowed on a shared drive item."
    return drive_error(403, "teamDrivesSharingRestrictionNotAllowed", message)


def field_not_writable() -> GoogleError:
    """Return the refusal of a body that holds what cannot be written directly."""
    message = "The resource body includes fields which are not directly writable."
    return drive_error(403, "fieldNotWritable", message)


# --------------------------------------------------------------------------------------------------------- sharing


def sharing_rate() -> GoogleError:
    """Return the refusal for a used-up sharing quota: lasts hours to a day."""
    message = 'Rate limit exceeded. User message: "Sorry, you have exceeded your sharing quota."'
    return drive_error(403, "sharingRateLimitExceeded", message)


def no_google_account(address: str) -> GoogleError:
    """Return the refusal to share silently with an address that has no Google account."""
    return invalid_drive(
        f'Bad Request. User message: "You are trying to invite {address}. Since there is no Google account associated '
        'with this email address, you must check the "Notify people" box to invite this recipient."',
        "invalidSharingRequest",
    )


def mail_failed(address: str) -> GoogleError:
    """Return the refusal after which the permission exists, only the e-mail did not go out."""
    return invalid_drive(
        'Bad Request. User message: "Sorry, the items were successfully shared but emails could not be sent to '
        f'{address}."',
        "invalidSharingRequest",
    )


def acl_change_not_allowed() -> GoogleError:
    """Return the refusal of the organisation's policy to share with the outside."""
    return invalid_drive('Bad Request. User message: "ACL change not allowed."', "invalidSharingRequest")


def domain_policy() -> GoogleError:
    """Return the refusal when the administrators have switched off Drive apps."""
    return drive_error(403, "domainPolicy", "The domain administrators have disabled Drive apps.")


# ------------------------------------------------------------------------------------------------- access, projects


def unauthenticated(service: str) -> GoogleError:
    """Return the 401 for a missing, unknown or expired token of "drive" or "sheets"."""
    if service == "drive":
        return drive_error(401, "authError", "Invalid Credentials", location=("header", "Authorization"))
    return sheets_error(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def scope_insufficient(service: str, method: str = "") -> GoogleError:
    """Return the 403 for a token whose scopes do not cover the method."""
    host = f"{service}.googleapis.com"
    info = _error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {"service": host, "method": method})
    message = "Request had insufficient authentication scopes."
    error = sheets_error(403, "PERMISSION_DENIED", message, [info])
    detail = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    error.body["error"]["errors"] = [detail]
    return error


def api_off(service: str, project: str = PROJECT) -> GoogleError:
    """Return the 403 for an API ("drive" or "sheets") that the project has not switched on."""
    host, name = f"{service}.googleapis.com", f"Google {service.capitalize()} API"
    page = f"https://console.developers.google.com/apis/api/{host}/overview?project={project}"
    message = (
        f"{name} has not been used in project {project} before or it is disabled. Enable it by visiting {page} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and "
        "retry."
    )
    metadata = {"service": host, "consumer": f"projects/{project}"}
    links = [{"description": "Google developers console API activation", "url": page}]
    details = [
        {"@type": "type.googleapis.com/google.rpc.Help", "links": links},
        _error_info("SERVICE_DISABLED", metadata),
    ]
    error = sheets_error(403, "PERMISSION_DENIED", message, details)
    if service == "drive":
        detail = {"message": message, "domain": "usageLimits", "reason": "accessNotConfigured"}
        error.body["error"]["errors"] = [detail]
    return error


def token_error(error: str, description: str, status: int = 400) -> GoogleError:
    """Return a refusal of the token endpoint."""
    return GoogleError(status, {"error": error, "error_description": description})


def token_revoked() -> GoogleError:
    """Return what a revoked or expired refresh token gets."""
    return token_error("invalid_grant", "Token has been expired or revoked.")


def jwt_out_of_time() -> GoogleError:
    """Return what a service account with a wrong clock gets."""
    return token_error(
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
        "Check your iat and exp values in the JWT claim.",
    )


def jwt_signature() -> GoogleError:
    """Return what a wrong or deleted key gets."""
    return token_error("invalid_grant", "Invalid JWT Signature.")


def account_not_found() -> GoogleError:
    """Return what a service account gets that does not exist (any more)."""
    return token_error("invalid_grant", "Invalid grant: account not found")


def client_unauthorized() -> GoogleError:
    """Return what a service account without domain-wide delegation gets for `sub`."""
    return token_error(
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
        "scopes requested.",
        401,
    )


def invalid_client() -> GoogleError:
    """Return what an unknown OAuth client gets."""
    return token_error("invalid_client", "The OAuth client was not found.", 401)


def _error_info(reason: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": dict(metadata),
    }
