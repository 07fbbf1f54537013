"""Refusals as each service words them, for faults that name a status alone."""

import time

from opsconsole.sandbox.standin.answers import Answer

HANG_UP = 0  # as the status of an answer: the connection is closed without one
DOCUMENTATION = "https://docs.github.com/rest"
GATEWAY = {
    401: ("UNAUTHORIZED_INVALID_JWT_FORMAT", "Invalid JWT"),
    404: ("NOT_FOUND", "Requested function was not found"),
    503: ("BOOT_ERROR", "Function failed to start (please check logs)"),
    504: ("IDLE_TIMEOUT", "The upstream server is timing out"),
    546: (
        "WORKER_RESOURCE_LIMIT",
        "Function failed due to not having enough compute resources (please check logs)",
    ),
}
GITHUB = {
    401: "Bad credentials",
    403: "Resource not accessible by personal access token",
    404: "Not Found",
    429: "You have exceeded a secondary rate limit. Please wait a few minutes before you "
    "try again.",
}
MANAGEMENT = {
    401: "Unauthorized",
    403: "Your account does not have the necessary privileges to access this endpoint.",
    404: "Project not found",
    429: "ThrottlerException: Too Many Requests",
}


def typical(path: str, status: int) -> Answer:
    """What the service at this path answers with this status."""
    if path.startswith("/functions/v1/"):
        return of_gateway(status)
    if path.startswith("/v1/projects/"):
        return Answer(status, {"message": MANAGEMENT.get(status, "Unexpected error")})
    if status >= 500:
        page = "<!DOCTYPE html><title>Unicorn! · GitHub</title>"
        return Answer(status, page, {"content-type": "text/html"})
    return of_github(status, GITHUB.get(status, "Refused"))


def of_gateway(status: int, message: str = "") -> Answer:
    """A refusal of the gateway before the functions, which names it in a header."""
    code, known = GATEWAY.get(status, ("EDGE_FUNCTION_ERROR", "Internal Server Error"))
    body = {"code": code, "message": message or known}
    return Answer(status, body, {"sb-error-code": code, **request_id()})


def request_id() -> dict[str, str]:
    """The header in which the gateway names a request."""
    return {"sb-request-id": f"sandbox-{time.monotonic_ns()}"}


def of_github(status: int, message: str) -> Answer:
    details = {"documentation_url": DOCUMENTATION, "status": str(status)}
    return Answer(status, {"message": message, **details})
