"""A list as a file: all its rows may take longer than a page may."""

from django.db import InterfaceError, OperationalError
from django.http.response import HttpResponseBase

from opsconsole.audit import exports
from opsconsole.platform.db.copying import Rows
from opsconsole.platform.needs import is_ours, sentence
from opsconsole.platform.refusals import unavailable
from opsconsole.web.http import OperatorRequest
from opsconsole.web.tables import Table


def csv(
    request: OperatorRequest, feature: str, table: Table, rows: Rows
) -> HttpResponseBase:
    """The rows of all pages, or a page that says why there are none.

    Not to be called inside of `panel.ask` or `needs.guard`: the first row may come after
    the page's deadline, and only this has a time of its own.
    """
    try:
        return exports.csv(request, table, rows)
    except (OperationalError, InterfaceError) as error:
        if is_ours():
            raise
        return unavailable(request, feature, sentence(error), error)
