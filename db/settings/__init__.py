"""What an operator can set, read once from the environment, the settings' files and secret files."""

from db.settings.chat_address import split_address
from db.settings.in_force import InForce, read_in_force
from db.settings.names import PREFIX
from db.settings.secret_files import FILE_LIMIT_BYTES, FILE_SUFFIX
from db.settings.settings import (
    Settings,
    forget_variables,
    forget_variables_but,
    load_settings,
    read_secret,
    read_variables,
    secret_names,
    settings_place,
    settings_with,
)
from db.settings.settings_files import PLACE_VARIABLE, SECRETS_FILE, SETTINGS_FILE, write_settings_files

__all__ = [
    "FILE_LIMIT_BYTES",
    "FILE_SUFFIX",
    "InForce",
    "PLACE_VARIABLE",
    "PREFIX",
    "SECRETS_FILE",
    "SETTINGS_FILE",
    "Settings",
    "forget_variables",
    "forget_variables_but",
    "load_settings",
    "read_in_force",
    "read_secret",
    "read_variables",
    "secret_names",
    "settings_place",
    "settings_with",
    "split_address",
    "write_settings_files",
]
