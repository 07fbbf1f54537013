"""Logs of the platform's functions, from Supabase's Management API.

Source: GET …/analytics/endpoints/logs, ClickHouse SQL over the table `logs`, at most 24
hours at once. Supabase's announcement calls the column of origin `source_name`, its
documentation `source`: whichever is there is found out once and remembered.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from opsconsole.integrations.answers import Answer, Fields
from opsconsole.integrations.client import Client
from opsconsole.integrations.errors import Refused, ServiceError
from opsconsole.integrations.redaction import redacted

WINDOW = timedelta(hours=24)
MOST_LINES = 1_000
LONGEST_LINE = 2_000  # characters
CONSOLE, REQUESTS = "function_logs", "function_edge_logs"
COLUMNS = ["source", "source_name"]  # the one that works comes first
SQL = """
SELECT timestamp, event_message, log_attributes['response.status_code'] AS status,
       log_attributes['execution_time_ms'] AS took
FROM logs WHERE {column} = '{source}' ORDER BY timestamp DESC LIMIT {limit:d}
"""


@dataclass(frozen=True)
class LogLine:
    """What a function wrote, or one request to it."""

    at: datetime
    message: str
    status: str  # HTTP, of a request
    milliseconds: str  # of a request


def logs(
    client: Client, start: datetime, end: datetime, *, source: str, limit: int = 100
) -> tuple[LogLine, ...]:
    """Lines of CONSOLE or REQUESTS, newest first. Raises ServiceError.

    Of a span longer than WINDOW only its end is read.
    """
    start = max(start, end - WINDOW)
    lost: Refused | None = None
    for column in list(COLUMNS):
        try:
            lines = _lines(client, column, start, end, source, limit)
        except Refused as error:
            lost = lost or error
            continue
        COLUMNS.sort(key=lambda known: known != column)
        return lines
    raise lost or ServiceError("The logs cannot be read: try again.")


def _lines(
    client: Client, column: str, start: datetime, end: datetime, source: str, limit: int
) -> tuple[LogLine, ...]:
    if source not in (CONSOLE, REQUESTS):
        raise ValueError(source)
    limit = max(1, min(limit, MOST_LINES))
    sql = SQL.format(column=column, source=source, limit=limit)
    query = {
        "sql": " ".join(sql.split()),
        "iso_timestamp_start": _zulu(start),
        "iso_timestamp_end": _zulu(end),
    }
    path = f"/v1/projects/{settings.SUPABASE_REF}/analytics/endpoints/logs"
    answer = client.get(path, query)
    found = answer.fields()
    _refuse_errors_inside(answer, found)
    return tuple(_line(item) for item in found.children("result"))


def _refuse_errors_inside(answer: Answer, found: Fields) -> None:
    """An error of the query comes with status 200."""
    if error := found.raw.get("error"):
        said = redacted(error if isinstance(error, str) else str(error))
        sentence = (
            f"Supabase cannot read the logs: “{said}”. Read them in its dashboard."
        )
        raise Refused(
            sentence,
            service=answer.service.name,
            status=answer.status,
            said=said,
            request_id=answer.receipt.request_id,
        )


def _line(item: Fields) -> LogLine:
    return LogLine(
        at=item.moment("timestamp"),
        message=redacted(item.maybe_text("event_message") or "", longest=LONGEST_LINE),
        status=str(item.raw.get("status") or "")[:3],
        milliseconds=str(item.raw.get("took") or "")[:12],
    )


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
