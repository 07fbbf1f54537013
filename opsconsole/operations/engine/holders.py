"""Who holds the rows that a run waits for."""

from contextlib import suppress

from django.db import DatabaseError

from opsconsole.platform.db import fetch

OLDEST = """
SELECT a.pid, a.usename, a.application_name AS program,
  extract(epoch FROM now() - a.xact_start) AS seconds
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND l.relation = to_regclass(%s) AND a.pid <> pg_backend_pid()
  AND l.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareLock', 'ExclusiveLock',
                 'ShareRowExclusiveLock', 'AccessExclusiveLock')
ORDER BY a.xact_start LIMIT 1
"""


def sentence(table: str) -> str:
    """The oldest transaction on the table, as far as our role may see it; else empty."""
    with suppress(DatabaseError):
        for one in fetch(OLDEST, [table]):
            since = f" for {one['seconds']:.0f} s" if one["seconds"] else ""
            program = f" ({one['program']})" if one["program"] else ""
            return f"Probably process {one['pid']} of {one['usename']}{program}{since}."
    return ""
