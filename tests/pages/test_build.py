"""The committed look is what its sources give."""

import json
import shutil

import pytest

from frontend import check_build


@pytest.fixture
def copy(tmp_path):
    """The sources and what was built of them, to be changed."""
    record = json.loads((check_build.HERE / "built.json").read_text())
    sources, outputs = tmp_path / "frontend", tmp_path / "portal"
    for folder, original, names in (
        (sources, check_build.HERE, [*record["sources"], "built.json"]),
        (outputs, check_build.BUILT, record["outputs"]),
    ):
        folder.mkdir()
        for name in names:
            shutil.copy(original / name, folder / name)
    return sources, outputs


def test_what_is_committed_matches():
    assert list(check_build.differences()) == []


def test_changed_source_is_named(copy):
    sources, outputs = copy
    (sources / "look.scss").write_text("body { color: red }")

    assert list(check_build.differences(sources, outputs)) == [
        "frontend/look.scss has changed since the last build."
    ]


def test_changed_or_missing_output_is_named(copy):
    sources, outputs = copy
    (outputs / "portal.css").write_text("body{color:red}")
    (outputs / "portal.js").unlink()

    assert list(check_build.differences(sources, outputs)) == [
        "static/portal/portal.css is not what the last build wrote.",
        "static/portal/portal.js is not what the last build wrote.",
    ]


def test_check_says_how_to_build(monkeypatch, capsys):
    monkeypatch.setattr(check_build, "differences", lambda: iter(["frontend/look.scss has changed."]))

    assert check_build.main() == 1
    assert capsys.readouterr().err == f"frontend/look.scss has changed.\n{check_build.HOW}\n"


def test_lock_file_names_no_registry():
    assert "resolved" not in (check_build.HERE / "package-lock.json").read_text()


def test_nothing_built_asks_another_site_for_anything():
    for path in check_build.BUILT.iterdir():
        text = path.read_text()
        assert "@import" not in text, path
        assert "sourceMappingURL" not in text, path
        assert "url(http" not in text, path
        assert 'url("http' not in text, path
