"""Mail through a real SMTP server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cerberus.adapters.notify.email import EmailChannel
from cerberus.domain.alerts.alert import Level
from cerberus.errors import Misconfigured, Rejected, Transient
from tests.integration.alerts.mail_server import PASSWORD, USER, Mailbox, mail_server
from tests.integration.alerts.messages import CASES, PNG, item, message

TO = ("one@example.com", "two@example.com")


@pytest.fixture(scope="module", params=["starttls", "tls"])
def box(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mailbox]:
    folder = tmp_path_factory.mktemp("mail")
    with mail_server(folder, tls_from_start=request.param == "tls") as one:
        yield one


def _channel(box: Mailbox, password: str = PASSWORD, ca_file: str | None = "own") -> EmailChannel:
    return EmailChannel(
        name="email",
        host="localhost",
        port=box.port,
        is_tls_from_start=box.is_tls_from_start,
        sender=USER,
        recipients=TO,
        username=USER,
        password=password,
        ca_file=box.ca_file if ca_file == "own" else ca_file,
    )


@pytest.mark.parametrize("case", CASES)
async def test_the_server_takes_every_message(box: Mailbox, case: str) -> None:
    box.mails.clear()

    await _channel(box).send(CASES[case])

    subject = str(box.mails[0]["Subject"])
    assert subject.startswith("[Cerberus] ")
    assert "\n" not in subject
    assert len(subject) <= 155  # folding leaves a space where it breaks a line


async def test_a_mail_tells_everything_to_everybody(box: Mailbox) -> None:
    box.mails.clear()
    box.recipients.clear()
    told = message(item("stop \u20ac", "first\nsecond", level=Level.EMERGENCY), picture=PNG)

    await _channel(box).send(told)
    await _channel(box).send(told)

    mail = box.mails[0]
    text = mail.get_body(preferencelist=("plain",))
    assert text is not None
    assert "EMERGENCY: stop \u20ac\nfirst\nsecond" in text.get_content().replace("\r\n", "\n")
    assert [part.get_content() for part in mail.iter_attachments()] == [PNG]
    assert mail["Importance"] == "high"
    assert box.recipients == [list(TO)] * 2
    # what is sent again is the same mail to a mail program
    assert len({str(one["Message-ID"]) for one in box.mails}) == 1


async def test_a_server_with_a_foreign_certificate_gets_no_login(box: Mailbox) -> None:
    with pytest.raises(Misconfigured, match="SSLCertVerificationError"):
        await _channel(box, ca_file=None).send(message())


async def test_a_refused_login_does_not_tell_the_password(box: Mailbox) -> None:
    with pytest.raises(Misconfigured) as caught:
        await _channel(box, password="a wrong one").send(message())

    assert "wrong one" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 try later", Transient),
        ("554 no such content", Rejected),
        ("530 log in", Misconfigured),
    ],
)
async def test_tells_what_to_do_about_a_refusal(
    box: Mailbox, answer: str, error: type[Exception]
) -> None:
    box.answers = [answer]

    with pytest.raises(error):
        await _channel(box).send(message())


async def test_a_server_that_is_gone_may_be_asked_again(tmp_path: Path) -> None:
    with mail_server(tmp_path) as gone:
        pass

    with pytest.raises(Transient):
        await _channel(gone).send(message())
