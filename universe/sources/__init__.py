"""Where markets come from: folders, files and Yahoo, all behind one small protocol."""

from universe.sources.column_map import ColumnMap
from universe.sources.files import FilesSource
from universe.sources.folder import FolderSource
from universe.sources.protocol import PRICE_COLUMNS, Fetched, Source
from universe.sources.recipe import Recipe, open_source

__all__ = [
    "PRICE_COLUMNS",
    "ColumnMap",
    "Fetched",
    "FilesSource",
    "FolderSource",
    "Recipe",
    "Source",
    "open_source",
]
