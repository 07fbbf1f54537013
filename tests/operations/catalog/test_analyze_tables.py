"""Analyze tables: a warning is not a success, and a table that is missing is not asked for."""

import pytest

from opsconsole.operations.catalog.analyze_tables import USUAL, AnalyzeTables
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories

pytestmark = pytest.mark.platform
WTR, CACHE = "workspace_tracked_repositories", "workspace_issues_cache"
ANALYZED = "SELECT reltuples FROM pg_class WHERE relname = %s"


@pytest.fixture
def analyze(plan):
    return lambda *tables: plan("analyze-tables", tables=[*tables])


@pytest.fixture
def owned(platform_sql):
    """A table that belongs to a role of which the writing one is a member."""
    platform_sql("CREATE ROLE our_tables")
    platform_sql("GRANT our_tables TO opsconsole_writer")
    platform_sql(f"ALTER TABLE {WTR} OWNER TO our_tables")
    yield WTR
    platform_sql(f"ALTER TABLE {WTR} OWNER TO platform_owner")
    platform_sql("DROP ROLE our_tables")


@pytest.fixture
def three_rows(platform_sql):
    for _ in range(3):
        factories.tracked(platform_sql)
    platform_sql("UPDATE pg_class SET reltuples = -1 WHERE relname = %s", WTR)


def test_looks_at_a_table_of_our_own(
    platform_sql, owned, three_rows, analyze, applied, verdicts_of
):
    run = applied(analyze(owned))

    assert (run.state, run.risk) == (State.APPLIED, "routine"), run.error
    assert platform_sql(ANALYZED, owned) == [(3.0,)]
    assert "Not ours to analyze" not in verdicts_of(run)


def test_a_warning_is_not_a_success(platform_sql, three_rows, analyze, applied):
    """Trap 3.4.5: PostgreSQL skips what belongs to others, with a warning and a success."""
    platform_sql("SET ROLE opsconsole_writer")
    platform_sql(f"ANALYZE {WTR}")  # the runbook's own words: no error
    platform_sql("RESET ROLE")
    assert platform_sql(ANALYZED, WTR) == [(-1.0,)]

    run = applied(analyze(WTR))

    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert (run.rows_written, run.rows_skipped) == (0, 1)
    [chunk] = Chunk.objects.filter(step__run=run)
    assert chunk.exceptions["0"]["why"].startswith("WARNING")
    assert platform_sql(ANALYZED, WTR) == [(-1.0,)]


def test_the_others_go_on(platform_sql, owned, three_rows, analyze, applied):
    run = applied(analyze(CACHE, owned))

    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert (run.rows_written, run.rows_skipped) == (1, 1)
    assert platform_sql(ANALYZED, owned) == [(3.0,)]


def test_says_before_what_will_be_skipped_and_who_could(owned, analyze, verdicts_of):
    level, sentence = verdicts_of(analyze(CACHE, owned))["Not ours to analyze"]

    assert level == "warning"
    assert f"does not own {CACHE}:" in sentence
    assert sentence.endswith(f'Let platform_owner run: ANALYZE "{CACHE}";')


class TestForm:
    def test_starts_with_the_runbooks_tables(self, databases):
        assert set(AnalyzeTables.Form()["tables"].initial) == set(USUAL)

    def test_offers_the_tables_that_are_there(self, platform_sql):
        """Trap 0.6: two of the runbook's three may not be."""
        platform_sql(f"ALTER TABLE {CACHE} RENAME TO gone")
        contract.forget()
        try:
            form = AnalyzeTables.Form({"tables": [CACHE]})
            assert form["tables"].initial == [name for name in USUAL if name != CACHE]
            assert "tables" in form.errors
        finally:
            platform_sql(f"ALTER TABLE gone RENAME TO {CACHE}")
            contract.forget()

    @pytest.mark.parametrize("tables", [[], ["pg_class"], [f"{WTR}; DROP TABLE {WTR}"]])
    def test_refuses(self, databases, tables):
        assert "tables" in AnalyzeTables.Form({"tables": tables}).errors
