import stat
from pathlib import Path

import pytest

from core.embedded import folder
from core.embedded.errors import NotYours


def test_the_operators_database_and_broker_win(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/regulars")
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://broker.example")

    assert folder.database_url() == "postgresql://db.example/regulars"
    assert folder.broker_url() == "amqp://broker.example"


def test_otherwise_both_follow_from_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))

    sockets = folder.socket_folder(tmp_path)

    assert folder.database_url() == f"postgresql://regulars@:5432/regulars?host={sockets}"
    assert folder.broker_url() == f"redis+socket://{sockets}/broker.sock"
    assert folder.broker_options() == {}


def test_without_a_broker_program_messages_are_files(monkeypatch, tmp_path):
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    monkeypatch.setattr(folder, "broker_program", lambda: None)

    assert folder.broker_url() == "filesystem://"
    assert {Path(each).parent for each in folder.broker_options().values()} == {tmp_path / "broker"}


def test_a_relative_data_folder_counts_from_the_project(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGULARS_DATA", "elsewhere")

    assert folder.data_folder() == folder.PROJECT / "elsewhere"


def test_a_secret_that_cannot_be_kept_is_refused_in_words(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path / "file" / "var"))

    with pytest.raises(NotYours, match="secret_key cannot be used"):
        folder.secret_key()


def test_the_secret_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path / "var"))

    first, second = folder.secret_key(), folder.secret_key()

    kept = tmp_path / "var" / "secret_key"
    assert first == second == kept.read_text()
    assert len(first) > 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]
