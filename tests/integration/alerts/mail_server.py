"""A real SMTP server with TLS, by a certificate of the test's own authority."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as SmtpServer
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "cerberus@example.com", "a mail password"


@dataclass
class Mailbox:
    """What the server took, and what it says next."""

    port: int = 0
    ca_file: str = ""
    is_tls_from_start: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SmtpServer, _session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def mail_server(folder: Path, *, tls_from_start: bool = False) -> Iterator[Mailbox]:
    """Serve on a free port; nothing is taken without TLS and a login."""
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    box = Mailbox(port, str(ca_file), tls_from_start)

    def login(_s: SmtpServer, _session: Session, _e: Envelope, _m: str, data: object) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login, data.password)
        is_right = given == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=False)

    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        ssl_context=context if tls_from_start else None,
        tls_context=None if tls_from_start else context,
        require_starttls=not tls_from_start,
        authenticator=login,
        # aiosmtpd does not count TLS from the start as TLS
        auth_required=not tls_from_start,
        auth_require_tls=not tls_from_start,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
