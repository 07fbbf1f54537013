"""Every operation's form can be filled in from a terminal, and its plan is made there."""

import argparse
import json
from io import StringIO

import pytest
from django import forms
from django.core.management import call_command

from opsconsole.operations.asking.fields import Number
from opsconsole.operations.asking.frequencies import Frequencies
from opsconsole.operations.asking.selecting import SelectingForm
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.terminal.arguments import add_arguments, cleaned_parameters
from tests import factories

pytestmark = pytest.mark.platform
BY_HAND = {"set-notes": ["--notes", "looked at"]}  # neither field is required alone
PLANNED = {
    "analyze-tables": 3,
    "clean-up-cache": 0,
    "limit-free-tier": 1,
    "link-repositories": 0,
    "pause-workspace": 1,
    "raise-retention": 1,
    "resume-workspace": 0,
    "set-frequencies": 1,
    "set-notes": 1,
    "set-retention": 1,
    "archive-metrics": 0,
}  # operation -> rows, of the one repository that there is


@pytest.fixture
def argv(platform_sql):
    """What a person types for an operation, with nothing that the form knows itself."""
    workspace = factories.workspace(platform_sql)
    key = factories.tracked(platform_sql, workspace)

    def make(operation):
        form = operation.Form()
        typed = BY_HAND.get(operation.slug, [])
        if isinstance(form, SelectingForm):
            typed = [*typed, "--workspace", str(workspace)]
        for name, field in form.fields.items():
            if field.required and field.initial is None:
                typed = [*typed, "--" + name.replace("_", "-"), _value(field, key)]
        return typed

    return make


def _value(field, key):
    if isinstance(field, Frequencies):
        return f"{key} 12"
    if isinstance(field, Number):
        return "60"
    if isinstance(field, forms.IntegerField):
        return str(field.min_value or 1)
    if isinstance(field, forms.DateTimeField):
        return "2026-11-20 10:00"
    if isinstance(field, forms.ChoiceField):
        return str(next(value for value, _ in field.choices if value))
    return str(key) if "Ids" in type(field).__name__ else "as a person would write it"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_form_can_be_filled_in(argv, operation):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = vars(parser.parse_args([operation.slug, *argv(operation)]))

    given = cleaned_parameters(operation, options)

    assert set(given) == set(operation.Form().fields)


@pytest.mark.parametrize("slug", PLANNED)
def test_rows_are_planned(argv, operator, slug):
    typed, out = argv(OPERATIONS[slug]), StringIO()

    call_command("run_operation", slug, *typed, "--as=operator", "--json", stdout=out)

    assert json.loads(out.getvalue())["rows"]["planned"] == PLANNED[slug]
    assert Run.objects.get().state == State.PLANNED
