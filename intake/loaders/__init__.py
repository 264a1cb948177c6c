"""Loaders of others as sources: LangChain's and LlamaIndex's, as the operator's own file names them."""

from intake.loaders.loader import Loader
from intake.loaders.told import LOADERS_FILE, LoaderSettings, read_loader

__all__ = [
    "LOADERS_FILE",
    "Loader",
    "LoaderSettings",
    "read_loader",
]
