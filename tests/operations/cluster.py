"""`python -m tests.operations.cluster`: a django-q cluster that knows the demonstrations."""

import os

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from opsconsole.operations import tasks  # noqa: E402
from tests.operations import demonstration  # noqa: E402
from tests.operations.service import note  # noqa: E402

work = tasks.work


def noted(run_id: int) -> str:
    """Leave a trace of each delivery, with the worker that took it.

    django-q keeps one result for all deliveries of a message.
    """
    note(run_id, "delivered", str(os.getpid()))
    return work(run_id)


if __name__ == "__main__":
    demonstration.install()
    tasks.work = noted
    call_command("worker")
