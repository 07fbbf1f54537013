"""An operation's form as command-line arguments, and back."""

import argparse
import os
import pwd
from collections.abc import Iterator
from textwrap import fill
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from opsconsole.operations.asking.fields import Ids
from opsconsole.operations.asking.selecting import ONE_WAY
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.terminal.exits import CODES

Several = Ids | forms.MultipleChoiceField


class BadParameters(Exception):
    """The parameters are not accepted; one line per field."""


def login() -> str:
    """The operating system's user, by the process and not by what its variables say."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand per operation, and --undo without any."""
    parser.epilog, parser.formatter_class = CODES, argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--undo", type=int, metavar="RUN", help="Undo this run instead of an operation."
    )
    _add_common(parser)
    operations = parser.add_subparsers(
        dest="operation", parser_class=argparse.ArgumentParser
    )
    for slug, operation in sorted(OPERATIONS.items()):
        one = operations.add_parser(
            slug,
            help=operation.title,
            description=fill(operation.summary(), 79),
            epilog=CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_parameters(one, operation)
        # Without a default, what stands before the name counts too.
        _add_common(one, default=argparse.SUPPRESS)


def cleaned_parameters(
    operation: type[Operation], options: dict[str, Any]
) -> dict[str, Any]:
    """The form's cleaned data. Raises BadParameters with a line per wrong field."""
    form = operation.Form(_data(operation, options))
    if form.is_valid():
        return form.cleaned_data
    raise BadParameters("\n".join(_wrong(form)))


def _wrong(form: forms.Form) -> Iterator[str]:
    """A line per wrong field, which is called by its option."""
    for name, errors in form.errors.items():
        if name != NON_FIELD_ERRORS:
            yield f"{_option(name)}: {' '.join(map(str, errors))}"
        elif form.has_error(name, ONE_WAY):
            ways: tuple[str, ...] = getattr(form, "ways", ())
            yield f"Give exactly one of: {', '.join(map(_option, ways))}."
        else:
            yield f"Parameters: {' '.join(map(str, errors))}"


def _add_common(parser: argparse.ArgumentParser, **given: Any) -> None:
    def add(*names: str, default: Any, **details: Any) -> None:
        parser.add_argument(*names, **{"default": default, **details, **given})

    add("--reason", default="", help="Why; needed with --apply.")
    add("--apply", default=False, action="store_true", help="Carry the plan out.")
    add(
        "--typed",
        default=None,
        type=int,
        metavar="ROWS",
        help="The number of rows that change, as the plan says; asked for where the risk"
        " is elevated or an emergency.",
    )
    add(
        "--as",
        dest="user",
        default=login(),
        metavar="USER",
        help="Your console account; by default the one named like your login.",
    )
    add("--json", default=False, action="store_true", help="Answer as JSON.")


def _add_parameters(
    parser: argparse.ArgumentParser, operation: type[Operation]
) -> None:
    """One option per field of the operation's form: workspace -> --workspace."""
    for name, field in operation.Form().fields.items():
        details: dict[str, Any] = {"help": _help(field), "metavar": "VALUE"}
        if isinstance(field, forms.BooleanField):
            details = {"help": _help(field), "action": "store_true"}
        elif isinstance(field, Several):
            plural = "UUID" if isinstance(field, Ids) else name.upper()[:-1]
            details |= {"nargs": "+", "metavar": plural}
        parser.add_argument(_option(name), default=None, **details)


def _help(field: forms.Field) -> str:
    """What the page says of it; argparse takes % for its own."""
    said = str(field.help_text)
    if field.initial is not None and not callable(field.initial):
        said += f" By default {field.initial}."
    return said.replace("%", "%%")


def _data(operation: type[Operation], options: dict[str, Any]) -> QueryDict:
    """What a browser would have sent; a field that is not given has its first value."""
    data = QueryDict(mutable=True)
    for name, field in operation.Form().fields.items():
        first = field.initial() if callable(field.initial) else field.initial
        value = first if options[name] is None else options[name]
        if isinstance(value, list):
            data.setlist(name, value)
        elif value not in (None, False):
            data[name] = "on" if value is True else value
    return data


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
