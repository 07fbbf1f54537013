"""What is true of every operation, including the next one."""

import importlib
import inspect
from pathlib import Path

import pytest
from django.db import connections

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.catalog.base import PURPOSES
from opsconsole.operations.granting import FOLDER, grant_files
from opsconsole.operations.rights import EVERY_COLUMN
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import ARROWS, FINISHED, NEXT, State
from opsconsole.platform.models import MODELS

ROOT = Path(__file__).parent.parent
operations = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=OPERATIONS.keys()
)


@operations
class TestEveryOperation:
    def test_names_its_source(self, operation):
        assert "Runbook:" in operation.__doc__

    def test_says_what_it_is(self, operation):
        assert operation.title
        assert operation.summary().endswith(".")
        assert operation.risk in [*Risk]
        assert operation.purpose in PURPOSES

    def test_has_a_file_and_a_test_of_its_name(self, operation):
        name = operation.slug.replace("-", "_")
        source = Path(inspect.getfile(operation))
        assert source == ROOT / f"opsconsole/operations/catalog/{name}.py"
        assert (ROOT / f"tests/operations/catalog/test_{name}.py").exists()

    def test_names_columns_that_models_have(self, operation):
        for need in operation.needs():
            table, column = need.split(".")
            columns = {field.column for field in MODELS[table]._meta.concrete_fields}
            assert column in columns

    def test_has_a_permission_for_operators(self, operation, operator, viewer):
        assert operator.has_perm(operation.permission())
        assert not viewer.has_perm(operation.permission())

    def test_usual_parameters_are_what_the_form_accepts(self, operation, databases):
        usual = operation().usual()
        if usual is not None:
            form = operation.Form(usual)
            assert form.is_valid(), form.errors
            assert set(usual) <= set(form.fields)

    def test_page_opens(self, operation, operator, client_of):
        response = client_of(operator).get(f"/operations/{operation.slug}/plan/")
        assert response.status_code == 200

    def test_may_be_run_by_the_writing_role(self, operation, databases):
        """The shipped grants are what the operation needs, and the sandbox has them."""
        with connections["platform_write"].cursor() as cursor:
            for table, columns in operation.written_columns().items():
                for column in columns:
                    cursor.execute(
                        "SELECT has_column_privilege(%s, %s, 'UPDATE')", [table, column]
                    )
                    assert cursor.fetchone() == (True,), f"{table}.{column}"


def test_writing_role_may_do_nothing_else(databases):
    with connections["platform_write"].cursor() as cursor:
        cursor.execute(
            "SELECT privilege_type, table_name, column_name"
            " FROM information_schema.column_privileges"
            " WHERE grantee = current_user AND privilege_type IN ('UPDATE', 'INSERT')"
        )
        assert set(cursor.fetchall()) == {*_declared_columns(cursor)}
        cursor.execute(
            "SELECT table_name FROM information_schema.table_privileges"
            " WHERE grantee = current_user AND privilege_type = 'DELETE'"
        )
        assert {table for (table,) in cursor.fetchall()} == {
            table for each in OPERATIONS.values() for table in each.deleted_tables()
        }


def _declared_columns(cursor):
    """Privilege, table and column of all that the operations say they write."""
    for operation in OPERATIONS.values():
        for privilege, named in (
            ("UPDATE", operation.written_columns()),
            ("INSERT", operation.inserted_columns()),
        ):
            for table, columns in named.items():
                if columns == EVERY_COLUMN:
                    cursor.execute(
                        "SELECT attname FROM pg_attribute WHERE attnum > 0"
                        " AND NOT attisdropped AND attrelid = to_regclass(%s)",
                        [table],
                    )
                    columns = [name for (name,) in cursor.fetchall()]
                yield from ((privilege, table, column) for column in columns)


def test_grant_files_are_as_derived():
    assert {path: path.read_text() for path in FOLDER.glob("*.sql")} == grant_files()


def test_every_state_is_left_by_somebody():
    for state in State:
        assert (state in FINISHED) != (state in NEXT)
        ways = {to for (since, to) in ARROWS if since == state}
        assert bool(ways) if state not in FINISHED else ways <= {*FINISHED}


def test_every_arrow_has_a_sentence():
    assert all(sentence.endswith(".") for sentence in ARROWS.values())


def test_every_module_imports():
    for path in sorted((ROOT / "opsconsole").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if "migrations" not in parts and parts[-1] not in ("wsgi", "__main__"):
            importlib.import_module(".".join(parts))
