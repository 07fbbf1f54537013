"""Who needs what, and how that is said."""

import pytest

from opsconsole.platform.contract import uses
from opsconsole.platform.contract.expectation import unknown
from opsconsole.platform.contract.uses import USES as REGISTERED


def test_every_page_and_operation_needs_what_a_model_names():
    for use in REGISTERED.values():
        needs = {*use.needs, *(f"{t}.{c}" for _, t, c in use.grants() if c)}
        assert [need for need in needs if unknown(need)] == [], use.feature


@pytest.mark.parametrize(
    ("features", "clause"),
    [
        ([], "what needs it is switched off"),
        (["Runs"], "Runs is switched off"),
        (["Runs", "Runs"], "Runs is switched off"),
        (["Runs", "Audit"], "Audit and Runs are switched off"),
        (["C", "A", "B"], "A, B and C are switched off"),
    ],
)
def test_switched_off_is_a_clause(features, clause):
    assert uses.switched_off(features) == clause


def test_parts_of_one_feature_add_up():
    uses.register("Workspaces", ["workspaces.tier"], updates={"workspaces": ["name"]})
    uses.register("Workspaces", ["workspaces.slug"], deletes=["sync_logs"])

    assert uses.readers_of("workspaces", None) == ["Workspaces"]
    assert uses.readers_of("workspaces", "slug") == ["Workspaces"]
    assert uses.writers_of("UPDATE", "workspaces", "name") == ["Workspaces"]
    assert uses.writers_of("DELETE", "sync_logs", None) == ["Workspaces"]
    assert uses.writers_of("UPDATE", "workspaces", "tier") == []


def test_a_page_that_only_reads_asks_nothing_of_the_writer():
    uses.register("Workspaces", ["workspaces.tier"])

    assert uses.USES["Workspaces"].grants() == set()


def test_an_operation_must_read_what_it_selects_by():
    uses.register("Stop", ["workspaces.tier"], updates={"workspaces": ["name"]})

    assert uses.USES["Stop"].grants() == {
        ("UPDATE", "workspaces", "name"),
        ("SELECT", "workspaces", "tier"),
    }
