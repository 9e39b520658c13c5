"""What the window remembers between two starts: recent files, its size, the appearance."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QSettings

from likeness.core.paths import user_data

_MOST = 8


class Remembered:
    """Kept in the user's own data folder."""

    def __init__(self) -> None:
        folder = user_data()
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    @property
    def recent(self) -> list[Path]:
        """The files and result folders opened last that still exist, newest first."""
        paths = cast("list[str] | str | None", self._settings.value("recent", []))
        if isinstance(paths, str):  # a list of one comes back as its item
            paths = [paths]
        return [Path(path) for path in paths or [] if Path(path).exists()]

    def add_recent(self, path: Path) -> None:
        """Put a file at the top."""
        others = [other for other in self.recent if other != path.absolute()]
        self._settings.setValue("recent", [str(p) for p in [path.absolute(), *others][:_MOST]])

    def forget_recent(self) -> None:
        """Empty the list."""
        self._settings.setValue("recent", [])

    @property
    def appearance(self) -> str:
        """"system", "light" or "dark"."""
        return str(self._settings.value("appearance", "system"))

    @appearance.setter
    def appearance(self, wish: str) -> None:
        self._settings.setValue("appearance", wish)

    @property
    def geometry(self) -> QByteArray | None:
        """Where the window was."""
        value = self._settings.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._settings.setValue("geometry", value)
