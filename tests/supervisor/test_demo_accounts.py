import json
import stat

import pytest

from opsconsole.accounts.models import User
from opsconsole.supervisor import demo_accounts

pytestmark = pytest.mark.usefixtures("databases", "quick_hashes")


class TestEnsure:
    def test_makes_one_person_for_each_role(self, tmp_path):
        passwords = demo_accounts.ensure(tmp_path / "accounts.json")

        assert list(passwords) == ["viewer", "operator", "approver", "admin"]
        for name, password in passwords.items():
            user = User.objects.get(username=name)
            assert user.check_password(password)
            assert [group.name for group in user.groups.all()] == [name]
            assert user.is_staff is user.is_superuser is (name == "admin")

    def test_keeps_the_passwords_for_us_alone(self, tmp_path):
        path = tmp_path / "accounts.json"
        passwords = demo_accounts.ensure(path)

        assert json.loads(path.read_text()) == passwords
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_the_second_start_changes_nothing(self, tmp_path):
        path = tmp_path / "accounts.json"
        first = demo_accounts.ensure(path)
        User.objects.filter(username="viewer").update(first_name="Vera")

        assert demo_accounts.ensure(path) == first
        assert User.objects.get(username="viewer").first_name == "Vera"

    def test_a_missing_person_comes_back_with_the_same_password(self, tmp_path):
        path = tmp_path / "accounts.json"
        first = demo_accounts.ensure(path)
        User.objects.filter(username="viewer").update(username="former-viewer")

        demo_accounts.ensure(path)

        assert User.objects.get(username="viewer").check_password(first["viewer"])

    @pytest.mark.parametrize("found", ["", "{", "[]", '{"viewer": "x"}'])
    def test_a_broken_file_means_new_passwords(self, tmp_path, found):
        path = tmp_path / "accounts.json"
        path.write_text(found)

        passwords = demo_accounts.ensure(path)

        assert User.objects.get(username="admin").check_password(passwords["admin"])
