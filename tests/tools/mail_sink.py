"""A mail server that keeps what it is given. Prints its port, then each mail as Python's email package reads it, one JSON
line each: mail_sink.py none|starttls|implicit [CERTIFICATE KEY] [USER PASSWORD]

Whoever writes to busy@ hears 450, to nobody@ 550, and mail for lost@ is refused after it was sent, with 554."""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

REFUSED = {"busy": "450 4.2.1 the mailbox is busy", "nobody": "550 5.1.1 no such mailbox"}


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        refused = REFUSED.get(address.split("@")[0])
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("lost@") for address in envelope.rcpt_tos):
            return "554 5.7.1 refused by policy"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        defects = [str(defect) for part in mail.walk() for defect in part.defects]
        defects += [f"{name}: {defect}" for name, value in mail.items() for defect in value.defects]
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or sys.argv[1] == "implicit",
            "signed_in": session.authenticated,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "type": mail.get_content_type(),
            "charset": mail.get_content_charset(),
            "text": mail.get_content().replace("\r\n", "\n"),
            "defects": defects,
            "ascii": envelope.content.isascii(),
        }
        print(json.dumps(told), flush=True)
        return "250 2.0.0 queued as 4711"


async def main():
    kind, *rest = sys.argv[1:]
    context = None
    if kind != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(rest[0], rest[1])
        rest = rest[2:]
    options = {"tls_context": context, "require_starttls": True} if kind == "starttls" else {}
    if rest:
        name, password = rest

        def judge(server, session, envelope, mechanism, given):
            right = (given.login, given.password) == (name.encode(), password.encode())
            # Not handled: the server says 535 itself.
            return AuthResult(success=right, handled=False)

        options |= {"authenticator": judge, "auth_required": True, "auth_require_tls": kind == "starttls"}
    loop = asyncio.get_running_loop()

    def listen(host, port):
        conversation = lambda: SMTP(Sink(), hostname="sink", loop=loop, **options)
        return loop.create_server(conversation, host, port, ssl=context if kind == "implicit" else None)

    server = await listen("127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    # An address that its certificate does not name.
    other = await listen("127.0.0.2", port)
    print(port, flush=True)
    await asyncio.gather(server.serve_forever(), other.serve_forever())


asyncio.run(main())
