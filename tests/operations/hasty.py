"""Settings of a queue that delivers a message again before the run can be at its end."""

from opsconsole.settings import *  # noqa: F403
from opsconsole.settings import Q_CLUSTER

Q_CLUSTER = {**Q_CLUSTER, "retry": 1, "max_attempts": 0, "timeout": 60}  # seconds
