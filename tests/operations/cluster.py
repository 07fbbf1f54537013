"""`python -m tests.operations.cluster`: a django-q cluster that knows the demonstrations."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.operations import demonstration  # noqa: E402

if __name__ == "__main__":
    demonstration.install()
    call_command("worker")
