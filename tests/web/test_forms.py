"""Form fields: label, help and error belong together for everybody."""

import pytest
from django import forms
from django.template.loader import render_to_string

from opsconsole.web.templatetags import web  # noqa: F401 (the tags the templates load)


class Ask(forms.Form):
    q = forms.CharField(required=False, label="Workspace or repository")
    reason = forms.CharField(help_text="Stands in the audit log.")
    tier = forms.MultipleChoiceField(
        choices=[("free", "Free"), ("pro", "Pro")], widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(required=False)
    hidden = forms.CharField(required=False, widget=forms.HiddenInput)


@pytest.fixture
def html():
    form = Ask({"reason": "", "q": "<b>"})
    form.add_error(None, "The <i>plan</i> expired.")
    return render_to_string("components/form_fields.html", {"form": form})


def test_every_field_has_a_label(html):
    assert '<label for="id_reason">Reason' in html
    assert "<legend>Tier" in html


def test_an_error_is_said_and_tied_to_its_field(html):
    assert 'id="id_reason_error"' in html
    assert 'aria-describedby="id_reason_helptext id_reason_error"' in html
    assert 'aria-invalid="true"' in html


def test_an_error_of_the_whole_form_is_an_alert(html):
    assert 'role="alert"' in html
    assert "&lt;i&gt;plan" in html


def test_a_field_that_may_stay_empty_says_so(html):
    assert html.count("optional</span>") == 1


def test_filters_search_while_typing(rf):
    request = rf.get("/things/?q=acme")
    html = render_to_string(
        "components/filters.html",
        {"form": Ask(request.GET), "action": "/things/", "request": request},
    )

    assert 'id="results-filters"' in html
    assert "data-search" in html
    assert 'value="acme"' in html
    assert 'hx-target="#results"' in html
    assert ">Clear</a>" in html
