"""Of dropped files the scans are opened and the others named."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from likeness.gui.dropping import dropped_files, message_about, sorted_out


def test_what_is_no_scan_is_named(tmp_path: Path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/a/one.obj"), QUrl.fromLocalFile("/a/one.mtl"),
                  QUrl("https://example.org/two.obj"), QUrl.fromLocalFile("/a/TWO.PLY")])
    sorted_paths = sorted_out(dropped_files(data))
    assert [path.name for path in sorted_paths.scans] == ["one.obj", "TWO.PLY"]
    assert "one.mtl" in message_about(sorted_paths.others).problem
    assert sorted_out([tmp_path]).others == (tmp_path,)
    assert sorted_out([Path("strange.bin")]).scans == (Path("strange.bin"),)


def test_a_result_folder_or_its_report_opens_the_folder(tmp_path: Path):
    (tmp_path / "report.json").write_text("{}")
    assert sorted_out([tmp_path]).scans == (tmp_path,)
    assert sorted_out([tmp_path / "report.json"]).scans == (tmp_path,)
