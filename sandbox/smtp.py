"""The inbox: takes every letter that is sent to it, and delivers none."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.letters import Letter
from sandbox.world import World


class Inbox:
    def __init__(self, world: World) -> None:
        self.world = world

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        letter = Letter(
            number=0,
            time=self.world.clock.now(),
            via="smtp",
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            subject=str(message.get("Subject", "")),
            text=part(message, "plain"),
            html=part(message, "html"),
        )
        self.world.state.mailbox.take(letter)
        self.world.dirty = True
        return "250 Message accepted"


def part(message: EmailMessage, kind: str) -> str:
    """The body of this kind; empty where there is none."""
    found = message.get_body((kind,))
    return found.get_content() if found is not None else ""


def inbox_protocol(world: World) -> SMTP:
    return SMTP(Inbox(world), hostname="sandbox.example", enable_SMTPUTF8=True)
