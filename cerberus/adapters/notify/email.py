"""Email: SMTP, always encrypted, with the same Message-ID when a message is sent again."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from cerberus.adapters.notify.text import cut, one_line, plain
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.message import AlertMessage, more
from cerberus.errors import Misconfigured, Rejected, Transient, Unknown

#: a subject that mail programs show
SUBJECT = 150
_ITEMS = 200
_TIMEOUT_SECONDS = 15.0
_LOGIN_CODES = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """One mail server and whom it is to tell."""

    name: str
    host: str
    port: int
    is_tls_from_start: bool
    sender: str
    recipients: tuple[str, ...]
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    takes_groups = True
    follows = False

    async def send(self, message: AlertMessage) -> None:
        """Send a message; the connection lives in a thread of its own."""
        await asyncio.to_thread(self._deliver, self._compose(message))

    def _compose(self, message: AlertMessage) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, ", ".join(self.recipients)
        mail["Subject"] = cut(one_line(f"[Cerberus] {message.headline}"), SUBJECT)
        mail["Date"] = format_datetime(message.items[0].at)
        mail["Message-ID"] = f"<{message.message_id}@{self.sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.level.rank >= Level.CRITICAL.rank:
            mail["Importance"] = "high"
        texts = [plain(item) for item in message.items[:_ITEMS]]
        rest = more(len(message.items) - len(texts))
        mail.set_content("\n\n".join([*texts, rest] if rest else texts) + "\n")
        if message.picture is not None:
            kind = "png" if message.picture.startswith(b"\x89PNG") else "jpeg"
            mail.add_attachment(
                message.picture, maintype="image", subtype=kind, filename=f"picture.{kind}"
            )
        return mail

    def _deliver(self, mail: EmailMessage) -> None:
        is_handed_over = False
        try:
            with self._connect() as server:
                if self.username is not None and self.password is not None:
                    server.login(self.username, self.password)
                is_handed_over = True
                server.send_message(mail, self.sender, self.recipients)
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(f"{self.name}: the server refuses the login") from error
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
            raise Misconfigured(f"{self.name}: {type(error).__name__}: {error}") from error
        except smtplib.SMTPRecipientsRefused as error:
            self._refuse(min(code for code, _ in error.recipients.values()), error)
        except smtplib.SMTPResponseException as error:
            self._refuse(error.smtp_code, error)
        except (smtplib.SMTPException, OSError) as error:
            told = f"{self.name}: {type(error).__name__}"
            raise (Unknown(told) if is_handed_over else Transient(told)) from error

    def _refuse(self, code: int, error: Exception) -> None:
        if code in _LOGIN_CODES:
            raise Misconfigured(f"{self.name} answered {code}: it wants another login") from error
        if code < 500:
            raise Transient(f"{self.name} answered {code}") from error
        raise Rejected(f"{self.name} answered {code}") from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.is_tls_from_start:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server
