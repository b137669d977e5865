"""A shared archive for several machines: the same files, by the same names, in any store that fsspec knows."""

from __future__ import annotations

import logging
from pathlib import Path

import fsspec

from rivya.errors import ConfigurationError
from studio.errors import StoreError

log = logging.getLogger(__name__)


class ObjectStore:
    """Copies of the archive's files under ``url``, such as ``s3://bucket/studio`` (which needs the package s3fs).

    Files are named by their content, so one that is there is never written again.
    """

    def __init__(self, url: str) -> None:
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(
                "archive not usable", setting="RIVYA_ARCHIVE_URL", remedy=f"fsspec cannot open it: {error}"
            ) from error

    def put(self, path: Path, name: str) -> None:
        """Copy the file at ``path`` to ``name``, unless it is there. Raises ``StoreError``."""
        target = f"{self._root}/{name}"
        try:
            if not self._files.exists(target):
                self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
                self._files.put_file(str(path), target)
        except Exception as error:
            raise StoreError(f"the shared archive refused {name}: {type(error).__name__}") from error

    def get(self, name: str, path: Path) -> None:
        """Copy ``name`` to ``path``, whole or not at all; nothing happens when it is not there."""
        target = f"{self._root}/{name}"
        try:
            if self._files.exists(target):
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f"{path.name}.incoming")
                self._files.get_file(target, str(part))
                part.replace(path)
        except Exception as error:  # noqa: BLE001 - each of fsspec's stores has errors of its own
            log.warning("the shared archive did not give %s: %s", name, type(error).__name__)

    def remove(self, name: str) -> None:
        """Remove ``name``, if it is there. Raises ``StoreError``."""
        target = f"{self._root}/{name}"
        try:
            if self._files.exists(target):
                self._files.rm_file(target)
        except Exception as error:
            raise StoreError(f"the shared archive did not remove {name}: {type(error).__name__}") from error
