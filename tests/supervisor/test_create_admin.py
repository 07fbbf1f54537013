import pytest
from django.core.management import CommandError, call_command

from opsconsole.accounts.models import User
from opsconsole.audit.models import Entry
from opsconsole.supervisor.management.commands import create_admin

pytestmark = pytest.mark.usefixtures("databases", "quick_hashes")
GOOD = "a long enough passphrase"


@pytest.fixture
def given(monkeypatch):
    return lambda password: monkeypatch.setenv("OPSCONSOLE_ADMIN_PASSWORD", password)


@pytest.fixture
def typed(monkeypatch):
    def answer(*passwords):
        monkeypatch.delenv("OPSCONSOLE_ADMIN_PASSWORD", raising=False)
        monkeypatch.setattr(
            create_admin.sys.stdin, "isatty", lambda: True, raising=False
        )
        answers = iter(passwords)
        monkeypatch.setattr(create_admin, "getpass", lambda prompt: next(answers))

    return answer


class TestCreateAdmin:
    def test_makes_an_admin_and_writes_it_down(self, given):
        given(GOOD)

        call_command("create_admin", "ada", "--email", "ada@example.com")

        ada = User.objects.get(username="ada")
        assert ada.is_staff
        assert ada.is_superuser
        assert ada.check_password(GOOD)
        assert ada.email == "ada@example.com"
        assert [group.name for group in ada.groups.all()] == ["admin"]
        entry = Entry.objects.get(action="accounts.user.created")
        assert entry.subject == "user ada"
        assert GOOD not in entry.body

    def test_asks_twice(self, typed):
        typed(GOOD, GOOD)

        call_command("create_admin", "ada")

        assert User.objects.get(username="ada").check_password(GOOD)

    def test_two_different_answers(self, typed):
        typed(GOOD, GOOD + "!")

        with pytest.raises(CommandError, match="two passwords differ"):
            call_command("create_admin", "ada")

    @pytest.mark.parametrize("weak", ["short", "password1234", "ada.lovelace.ada"])
    def test_a_weak_password_is_refused_and_nothing_is_made(self, given, weak):
        given(weak)

        with pytest.raises(CommandError, match=r"^(This|The) password is too"):
            call_command("create_admin", "ada.lovelace.ada")

        assert not User.objects.exists()
        assert not Entry.objects.exists()

    def test_an_existing_name_is_refused(self, given):
        given(GOOD)
        call_command("create_admin", "ada")

        with pytest.raises(CommandError, match="already exists"):
            call_command("create_admin", "ada")

    def test_nobody_to_ask(self, monkeypatch):
        monkeypatch.delenv("OPSCONSOLE_ADMIN_PASSWORD", raising=False)

        with pytest.raises(CommandError, match="set OPSCONSOLE_ADMIN_PASSWORD"):
            call_command("create_admin", "ada")
