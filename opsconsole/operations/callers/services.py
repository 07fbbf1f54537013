"""What a service's error means for the call that met it."""

from collections.abc import Iterator
from contextlib import contextmanager

from opsconsole.integrations import errors
from opsconsole.operations.calling import AnswerLost, CallFailed, QuotaSpent


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the integrations as the engine knows them, with the same sentence."""
    try:
        yield
    except (errors.NoAnswer, errors.NotUnderstood) as error:
        raise AnswerLost(str(error)) from error
    except errors.QuotaSpent as error:
        raise QuotaSpent(str(error), error.until) from error
    except errors.ServiceError as error:
        raise CallFailed(str(error), error.as_json()) from error
