"""An operation's form as command-line arguments, and back."""

import argparse
from typing import Any

from django import forms
from django.http import QueryDict

from opsconsole.operations.catalog import Operation
from opsconsole.operations.fields import Ids


class BadParameters(Exception):
    """The parameters are not accepted; one line per field."""


def add_parameters(parser: argparse.ArgumentParser, operation: type[Operation]) -> None:
    """One option per field of the operation's form: workspace -> --workspace."""
    for name, field in operation.Form().fields.items():
        option = "--" + name.replace("_", "-")
        if isinstance(field, forms.BooleanField):
            parser.add_argument(option, action="store_true", help=str(field.help_text))
        elif isinstance(field, Ids):
            parser.add_argument(
                option, nargs="+", metavar="UUID", default=[], help=str(field.help_text)
            )
        else:
            parser.add_argument(option, metavar="VALUE", help=str(field.help_text))


def cleaned_parameters(
    operation: type[Operation], options: dict[str, Any]
) -> dict[str, Any]:
    """The form's cleaned data. Raises BadParameters with a line per wrong field."""
    data = QueryDict(mutable=True)
    for name in operation.Form().fields:
        value = options[name]
        if isinstance(value, list):
            data.setlist(name, value)
        elif value not in (None, False):
            data[name] = "on" if value is True else value
    form = operation.Form(data)
    if form.is_valid():
        return form.cleaned_data
    raise BadParameters(
        "\n".join(
            f"{'--' + name.replace('_', '-') if name != '__all__' else 'Parameters'}: {' '.join(map(str, errors))}"
            for name, errors in form.errors.items()
        )
    )
