"""Every component renders with what its first line asks for, and escapes it."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import path
from django.utils import timezone

from opsconsole.web.charts import Series, line_chart, sparkline
from opsconsole.web.context import ConsoleEnvironment
from opsconsole.web.navigation import Item
from opsconsole.web.paging import CappedPaginator

EVIL = "<script>alert(1)</script>"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
OURS = [*TEMPLATES.glob("*.html")]
for folder in ("components", "allauth", "account", "admin", "django_tables2"):
    OURS += (TEMPLATES / folder).rglob("*.html")

urlpatterns = [
    path("", lambda request: HttpResponse(), name="front"),
    path("sign-in/", lambda request: HttpResponse(), name="account_login"),
    path("sign-out/", lambda request: HttpResponse(), name="account_logout"),
]
ENVIRONMENT = ConsoleEnvironment("sandbox")
MENU = [("Operate", [Item(EVIL, "front", "zap", "", "o", "Operate")])]
USER = SimpleNamespace(get_username=EVIL, get_full_name=EVIL)
PAGE = CappedPaginator(range(500), 50).page(4)
CHART = line_chart(EVIL, [date(2026, 1, 1), date(2026, 1, 2)], [Series(EVIL, [1, 2])])

INPUTS = {
    "action_menu": {"actions": [{"label": EVIL, "url": "/", "icon": "zap"}]},
    "account_menu": {"user": USER, "csrf_token": "t"},
    "attention_item": {"level": "critical", "text": EVIL, "detail": EVIL, "url": "/"},
    "before_after": {"before": None, "after": EVIL, "unit": "h"},
    "chart": {"chart": CHART, "note": EVIL},
    "confirm_dialog": {
        "id": "c",
        "title": EVIL,
        "text": EVIL,
        "expected": EVIL,
        "reason": True,
    },
    "definition_list": {"items": [(EVIL, EVIL), ("none", None)]},
    "empty": {"title": EVIL, "text": EVIL, "url": "/", "link": EVIL},
    "environment": {"environment": ENVIRONMENT},
    "kpi": {
        "label": EVIL,
        "value": 12431,
        "note": EVIL,
        "delta": EVIL,
        "trend": "critical",
        "spark": sparkline([1, 2]),
    },
    "lazy": {"url": "/", "label": EVIL},
    "mix": {"mix": {EVIL: 3, "failed": 1}},
    "palette": {"url": "/search/"},
    "panel_problem": {"problem": EVIL, "title": EVIL, "retry": "/?q=" + EVIL},
    "message": {"level": "error", "text": EVIL},
    "messages": {"messages": [SimpleNamespace(level_tag="error")]},
    "navigation": {"navigation": MENU, "current": MENU[0][1][0]},
    "note": {"level": "danger", "title": EVIL, "text": EVIL, "url": "/", "link": EVIL},
    "page_header": {
        "title": EVIL,
        "subtitle": EVIL,
        "tier": EVIL,
        "state": EVIL,
        "eyebrow": EVIL,
    },
    "pill": {"word": EVIL},
    "product": {"environment": ENVIRONMENT},
    "progress": {"value": 5, "total": 10, "label": EVIL, "detail": EVIL},
    "search_field": {"label": EVIL, "value": EVIL, "placeholder": EVIL},
    "selection_bar": {
        "actions": [{"label": EVIL, "url": "/", "icon": "zap"}],
        "csrf_token": "t",
        "table": SimpleNamespace(label=EVIL, page=PAGE),
        "matching": EVIL,
    },
    "responses": {
        "responses": [
            SimpleNamespace(
                repository=EVIL,
                success=False,
                error=EVIL,
                at=timezone.now(),
                response=SimpleNamespace(dry_run=True),
            )
        ],
        "nothing": EVIL,
    },
    "shortcuts": {"navigation": MENU},
    "skeleton": {"label": EVIL},
    "sql": {"code": EVIL, "id": "sql"},
    "standalone": {},
    "steps": {"steps": [(EVIL, "done"), ("Plan", "current"), ("Apply", "later")]},
    "tabs": {
        "tabs": [{"label": EVIL, "url": "/", "current": True, "count": 3}],
        "label": EVIL,
    },
    "time": {"at": timezone.now()},
    "timeline": {
        "events": [{"text": EVIL, "at": timezone.now(), "word": EVIL, "who": EVIL}]
    },
    "typed_confirmation": {"expected": EVIL, "unlocks": "go", "noun": EVIL},
}
# Tested below, and in test_column_choice.py.
ELSEWHERE = {"field", "filters", "form_fields", "list_tools", "pager"}


@pytest.fixture(autouse=True)
def our_urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def component(name, **inputs):
    return render_to_string(f"components/{name}.html", inputs)


@pytest.mark.parametrize("name", INPUTS)
def test_renders_and_escapes(name):
    html = component(name, **INPUTS[name])

    assert html.strip()
    assert EVIL not in html


def test_every_component_is_tested():
    names = {file.stem for file in (TEMPLATES / "components").glob("*.html")}

    assert names == set(INPUTS) | ELSEWHERE


def test_the_pager_keeps_the_filters(rf):
    html = component("pager", page=PAGE, request=rf.get("/?q=%3Cb%3E&page=4"))

    assert "151–200 of 500" in html
    assert "?q=%3Cb%3E&amp;page=5" in html
    assert "<b>" not in html


def test_the_pager_of_a_long_list_does_not_pretend_to_know(rf):
    page = CappedPaginator(range(10_001), 50).page(1)

    assert "of more than 10\u202f000" in component(
        "pager", page=page, request=rf.get("/")
    )


def test_progress_is_complete_only_when_it_is():
    assert "99 %" in component("progress", value=12430, total=12431, label="rows")


def test_a_run_without_rows_has_no_division():
    assert "0 %" in component("progress", value=0, total=0, label="rows")


def test_attention_reads_its_level_aloud():
    html = component("attention_item", level="warning", text="7 are overdue.")

    assert '<span class="visually-hidden">Warning: </span>7 are overdue.' in html


@pytest.mark.parametrize(
    "file", OURS, ids=lambda file: str(file.relative_to(TEMPLATES))
)
def test_no_template_needs_an_exception_from_the_policy(file):
    source = file.read_text()

    assert " style=" not in source
    assert "<style" not in source
    assert " onclick=" not in source
    assert "hx-on" not in source
    assert source.count("<script") == source.count("<script src=")
    assert "|safe" not in source.replace("field.help_text|safe", "")


@pytest.mark.parametrize("name", ["400", "500", "403_csrf"])
def test_an_error_page_needs_nothing(name):
    html = render_to_string(f"{name}.html")

    assert "<h1>" in html
    assert 'href="/"' in html


def test_all_that_match_are_offered_by_their_selection():
    table = SimpleNamespace(label="Workspaces", page=PAGE)

    html = component("selection_bar", table=table, matching="tier=pro&amp=1")

    assert 'name="matching" value="tier=pro&amp;amp=1"' in html
    assert "Select all 500 matching" in html


def test_what_is_capped_is_not_offered_as_a_number():
    table = SimpleNamespace(page=CappedPaginator(range(10_001), 50).page(1))

    inputs = {"table": table, "matching": "q=", "name": "rows"}
    html = render_to_string("components/selection_bar.html", inputs)

    assert 'name="rows" value="q="' in html
    assert "Select all of the more than 10\u202f000 matching" in html


@pytest.mark.parametrize(
    ("rows", "matching"), [(50, "tier=pro"), (500, ""), (500, None)]
)
def test_all_that_match_are_not_offered_on_a_single_page(rows, matching):
    table = SimpleNamespace(page=CappedPaginator(range(rows), 50).page(1))

    html = component("selection_bar", table=table, matching=matching)

    assert "data-select-matching" not in html
