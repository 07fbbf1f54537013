"""`python -m tests.campaigns.house`: the supervisor of production with a cluster of workers.

The cluster knows the demonstrations; everything else is as `manage.py serve` has it.
"""

import sys

import django

django.setup()

from django.db import close_old_connections  # noqa: E402

from opsconsole.operations.sweep import sweep  # noqa: E402
from opsconsole.operations.workers import waiting  # noqa: E402
from opsconsole.supervisor.children import Child  # noqa: E402
from opsconsole.supervisor.output import StandardError  # noqa: E402
from opsconsole.supervisor.rounds import Rounds, Watchdog  # noqa: E402
from opsconsole.supervisor.supervisor import Supervisor  # noqa: E402

if __name__ == "__main__":
    command = [sys.executable, "-m", "tests.operations.cluster"]
    cluster = Child("bulk", command, StandardError(), {"Q_CLUSTER_NAME": "bulk"})
    rounds = Rounds([sweep, Watchdog([cluster], waiting)], before=close_old_connections)
    Supervisor([cluster], rounds=rounds).run()
