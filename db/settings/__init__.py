"""What an operator can set, read once from the environment and from secret files."""

from db.settings.chat_address import split_address
from db.settings.names import PREFIX
from db.settings.secret_files import FILE_LIMIT_BYTES, FILE_SUFFIX
from db.settings.settings import Settings, forget_variables, load_settings, secret_names

__all__ = [
    "FILE_LIMIT_BYTES",
    "PREFIX",
    "FILE_SUFFIX",
    "Settings",
    "forget_variables",
    "load_settings",
    "secret_names",
    "split_address",
]
