"""Why no connection came to be is said in one sentence that says what to do, and quotes nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from db.errors import DatabaseUnavailableError, NightshiftError
from db.store.engine import create_engine
from db.store.refusals import explain_refusal
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import APP, PASSWORD, OwnServer, address, free_port

SECRETS = (PASSWORD, "hunter2", APP, "127.0.0.1")


def refusal(url: str) -> str:
    """What is said of a database that can't be connected to."""
    engine = create_engine(alchemy(url), connect_timeout_s=2)
    with pytest.raises(NightshiftError) as caught:
        engine.connect()
    engine.dispose()
    sentence = str(caught.value).replace("nightshift db status", "").replace("NIGHTSHIFT", "")
    assert not [secret for secret in SECRETS if secret in sentence]
    return str(caught.value)


def test_each_way_of_not_being_let_in_is_named(own: OwnServer, make_database: MakeDatabase) -> None:
    name = make_database()
    own.run("CREATE ROLE stranger NOLOGIN PASSWORD 'hunter2'")
    assert "refuses the user or the password" in refusal(address(own.port, name, password="hunter2"))
    assert "refuses the user or the password" in refusal(address(own.port, name, user="nobody_there"))
    assert "refuses the user or the password" in refusal(f"postgresql://{APP}@127.0.0.1:{own.port}/{name}")
    assert "has LOGIN" in refusal(address(own.port, name, user="stranger", password="hunter2"))
    assert "no database of that name" in refusal(own.url("nowhere"))
    assert "doesn't speak TLS" in refusal(own.url(name, sslmode="require"))
    assert "certificate" in refusal(own.url(name, sslmode="disable", sslrootcert="system"))
    assert "gssencmode" in refusal(own.url(name, gssencmode="require"))
    assert "require_auth" in refusal(own.url(name, require_auth="md5"))
    assert "target_session_attrs" in refusal(own.url(name, target_session_attrs="read-only"))
    assert "PGSERVICE" in refusal(own.url(name, service="nowhere"))
    own.run(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC, {APP}", f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
    assert "GRANT CONNECT" in refusal(own.url(name))
    own.run(f"GRANT CONNECT ON DATABASE {name} TO {APP}", f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    assert "ALTER DATABASE … CONNECTION LIMIT" in refusal(own.url(name))
    own.run(f"ALTER DATABASE {name} CONNECTION LIMIT -1", f"ALTER ROLE {APP} CONNECTION LIMIT 0")
    assert "ALTER ROLE … CONNECTION LIMIT" in refusal(own.url(name))
    own.run(f"ALTER ROLE {APP} CONNECTION LIMIT -1")


def test_each_way_of_not_getting_there_is_named() -> None:
    assert "nobody listens" in refusal(address(free_port(), "shop"))
    assert "There is no host" in refusal("postgresql://ann:hunter2@nowhere.invalid/shop")
    assert "nobody listens" in refusal("postgresql://ann:hunter2@/shop?host=/nowhere")
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "is no PostgreSQL" in refusal(address(port, "shop", sslmode="disable"))
    with answering(b"") as port:
        assert "doesn't answer" in refusal(address(port, "shop"))


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """Somebody who takes connections and says one thing, or nothing."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    if said:
                        connection.recv(1024)
                        connection.sendall(said)
                    else:
                        done.wait(10)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("FATAL:  unsupported startup parameter: options", "ignore_startup_parameters"),
        ("FATAL:  unsupported startup parameter in options: jit", "ignore_startup_parameters"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption', "sslmode=require"),
        ("FATAL:  SSL required", "sslmode=require"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption', "pg_hba.conf"),
        ("SSL error: certificate verify failed", "can't be verified"),
        ('server certificate for "a" does not match host name "b"', "can't be verified"),
        ("FATAL:  Max client connections reached", "max_client_conn"),
        ("FATAL:  MaxClientsInSessionMode: max clients reached - in Session mode", "max_client_conn"),
        ("FATAL:  no more connections allowed (max_client_conn)", "max_client_conn"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "max_connections"),
        ('FATAL:  too many connections for role "nightshift"', "ALTER ROLE"),
        ("FATAL:  the database system is starting up", "try again in a minute"),
        ('FATAL:  database "x" is not currently accepting connections', "ALLOW_CONNECTIONS true"),
        ("FATAL:  server login has been failing, try again later (server_login_retry)", "look into its log"),
        ('FATAL:  invalid value for parameter "TimeZone": "nope"', "PGTZ"),
        ("channel binding is required, but server did not offer an authentication method", "channel_binding"),
        ("FATAL:  no such database: shop", "no database of that name"),
        ("FATAL:  Authentifizierung fehlgeschlagen", "check user, password and database"),
        ("server closed the connection unexpectedly", "can't be reached"),
    ],
)
def test_what_servers_and_poolers_say_is_understood(said: str, sentence: str) -> None:
    found = explain_refusal(psycopg.OperationalError(f"connection failed: {said}"))
    assert isinstance(found, DatabaseUnavailableError)
    assert sentence in str(found)
