"""Twilio's REST interface, as far as the hotline uses it: messages, calls, recordings, queues, conferences, media."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from hotline.simulate import dial
from hotline.simulate.asking import Answered, Ask, Table, json
from hotline.simulate.leg import OUTBOUND, Leg
from hotline.simulate.rooms import Conference, WaitingLine
from hotline.simulate.twilio import API, Twilio
from hotline.simulate.twiml import NoTwiMLError

_WORDS = {
    20003: "Authenticate", 20404: "The requested resource was not found", 20429: "Too many requests",
    21201: "No 'To' number is specified", 21205: "Url parameter is required", 21211: "Invalid 'To' Phone Number",
    21213: "Caller phone number is required", 21220: "Call is not in-progress. Cannot redirect.",
    21602: "Message body is required.", 21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.", 21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit.", 12100: "Document parse failure",
}  # fmt: skip
_CODES = {429: 20429, 500: 20500, 503: 20503}


def error(code: int, status: int = 400) -> Answered:
    """A refusal as Twilio words it."""
    return json(
        {
            "code": code, "message": _WORDS.get(code, "Error"), "status": status,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
        },
        status,
    )  # fmt: skip


def table(twilio: Twilio) -> Table:
    """The paths of the interface."""
    rest = Rest(twilio)
    account = rf"{API}/(AC\w+)"
    return [
        ("POST", rf"{account}/Messages\.json", rest.asked(rest.send)),
        ("GET", rf"{account}/Messages/(\w+)\.json", rest.asked(rest.message)),
        ("GET", rf"{account}/Messages/(\w+)/Media/(\w+)", rest.asked(rest.media)),
        ("DELETE", rf"{account}/Messages/(\w+)/Media/(\w+)(?:\.json)?", rest.asked(rest.delete_media)),
        ("GET", r"/media/(\w+)/(\w+)", rest.picture),
        ("POST", rf"{account}/Calls\.json", rest.asked(rest.call)),
        ("GET", rf"{account}/Calls/(\w+)\.json", rest.asked(rest.leg)),
        ("POST", rf"{account}/Calls/(\w+)\.json", rest.asked(rest.update)),
        ("POST", rf"{account}/Calls/(\w+)/Recordings\.json", rest.asked(rest.record)),
        ("GET", rf"{account}/Recordings/(\w+)(\.json|\.wav|\.mp3)?", rest.asked(rest.recording)),
        ("DELETE", rf"{account}/Recordings/(\w+)(?:\.json)?", rest.asked(rest.delete_recording)),
        ("GET", rf"{account}/Queues\.json", rest.asked(rest.queues)),
        ("POST", rf"{account}/Queues\.json", rest.asked(rest.make_queue)),
        ("GET", rf"{account}/Queues/(\w+)/Members\.json", rest.asked(rest.members)),
        ("POST", rf"{account}/Queues/(\w+)/Members/(\w+)\.json", rest.asked(rest.dequeue)),
        ("GET", rf"{account}/Conferences\.json", rest.asked(rest.conferences)),
        ("POST", rf"{account}/Conferences/([^/]+)\.json", rest.asked(rest.close)),
        ("GET", rf"{account}/Conferences/([^/]+)/Participants\.json", rest.asked(rest.participants)),
        ("POST", rf"{account}/Conferences/([^/]+)/Participants\.json", rest.asked(rest.invite)),
        ("DELETE", rf"{account}/Conferences/([^/]+)/Participants/(\w+)\.json", rest.asked(rest.dismiss)),
    ]


Handler = Callable[[Ask], Awaitable[Answered]]


class Rest:
    """The handlers. ``ask.parts`` begin with the account."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio
        self.exchange = twilio.exchange

    def asked(self, handler: Handler) -> Handler:
        """Around every handler: its entry in the log, the faults that are switched on, and the login."""

        @functools.wraps(handler)
        async def wrapped(ask: Ask) -> Answered:
            self.twilio.requests.append((ask.method, ask.path, ask.form))
            await self.twilio.faults.dawdle()
            failure = self.twilio.faults.next_failure()
            account = self.twilio.account
            if ask.login != (account.twilio_account, account.twilio_token) or ask.parts[0] != account.twilio_account:
                return error(20003, 401)
            if failure is not None:
                return error(failure[1] or _CODES.get(failure[0], 20001), failure[0])
            return await handler(ask)

        return wrapped

    # ---- messages

    async def send(self, ask: Ask) -> Answered:
        """A message to a citizen."""
        taken = self.twilio.texts.accept(ask.form)
        if isinstance(taken, int):
            return error(taken)
        return json(taken.resource(self.twilio.account.twilio_account), 201)

    async def message(self, ask: Ask) -> Answered:
        """One message of either direction."""
        found = next((one for one in self.twilio.texts.log if one.sid == ask.parts[1]), None)
        return json(found.resource(ask.parts[0])) if found else error(20404, 404)

    async def media(self, ask: Ask) -> Answered:
        """A picture is not here but where this sends you, as with the real one."""
        key = f"{ask.parts[1]}/{ask.parts[2]}"
        if key not in self.twilio.texts.pictures:
            return error(20404, 404)
        return Answered(status=307, headers={"location": f"{self.twilio.address}/media/{key}"})

    async def picture(self, ask: Ask) -> Answered:
        """The picture itself: the address is the secret."""
        found = self.twilio.texts.pictures.get("/".join(ask.parts))
        return Answered(body=found.body, media_type=found.media_type) if found else error(20404, 404)

    async def delete_media(self, ask: Ask) -> Answered:
        """Forget a picture."""
        gone = self.twilio.texts.pictures.pop(f"{ask.parts[1]}/{ask.parts[2]}", None)
        return Answered(status=204) if gone else error(20404, 404)

    # ---- calls

    async def call(self, ask: Ask) -> Answered:
        """A call from the hotline to somebody."""
        made = self.exchange.dial_out(ask.pairs)
        return error(made) if isinstance(made, int) else json(made.resource(), 201)

    async def leg(self, ask: Ask) -> Answered:
        """One call."""
        found = self.exchange.legs.get(ask.parts[1])
        return json(found.resource()) if found else error(20404, 404)

    async def update(self, ask: Ask) -> Answered:
        """Give a live call something else to do, or end it."""
        found = self.exchange.legs.get(ask.parts[1])
        if found is None:
            return error(20404, 404)
        form = ask.form
        if found.is_over:
            return error(21220)
        if form.get("Status") in {"completed", "canceled"}:
            found.hang_up()
        elif form.get("Url") or form.get("Twiml"):
            try:
                await self.exchange.redirect(found, form)
            except NoTwiMLError:
                return error(12100)
        return json(found.resource())

    async def record(self, ask: Ask) -> Answered:
        """Record a call from now on."""
        found = self.exchange.legs.get(ask.parts[1])
        if found is None or found.is_over:
            return error(20404 if found is None else 21220, 404 if found is None else 400)
        self.exchange.record_call(found, ask.form.get("RecordingStatusCallback", ""))
        return json({"sid": "", "call_sid": found.sid, "status": "in-progress"}, 201)

    # ---- recordings

    async def recording(self, ask: Ask) -> Answered:
        """A recording's sound; with .json what is known of it."""
        found = self.exchange.recordings.get(ask.parts[1])
        if found is None or found.is_deleted:
            return error(20404, 404)
        if ask.parts[2] == ".json":
            return json(found.resource(ask.parts[0]))
        return Answered(body=found.sound(), media_type="audio/x-wav")

    async def delete_recording(self, ask: Ask) -> Answered:
        """Forget a recording."""
        found = self.exchange.recordings.get(ask.parts[1])
        if found is None or found.is_deleted:
            return error(20404, 404)
        found.is_deleted = True
        return Answered(status=204)

    # ---- queues

    async def queues(self, ask: Ask) -> Answered:
        """Every queue with its length."""
        return json({"queues": [one.resource(ask.parts[0]) for one in self.exchange.queues.values()]})

    async def make_queue(self, ask: Ask) -> Answered:
        """A queue by its name."""
        return json(self.exchange.queue(ask.form.get("FriendlyName", "")).resource(ask.parts[0]), 201)

    async def members(self, ask: Ask) -> Answered:
        """Who waits, and how long."""
        queue = self._queue(ask)
        if queue is None:
            return error(20404, 404)
        rows = [
            {"call_sid": one.leg.sid, "position": n, "wait_time": self.exchange.since(one.since)}
            for n, one in enumerate(queue.members, 1)
        ]
        return json({"queue_members": rows})

    async def dequeue(self, ask: Ask) -> Answered:
        """Take one out of the queue (``Front``: who waits longest) to another document."""
        queue, who = self._queue(ask), ask.parts[2]
        members = [one for one in queue.members if who in {"Front", one.leg.sid}] if queue else []
        if not members:
            return error(20404, 404)
        await self.exchange.redirect(members[0].leg, ask.form)
        return json({"call_sid": members[0].leg.sid, "queue_sid": ask.parts[1], "position": 0, "wait_time": 0})

    def _queue(self, ask: Ask) -> WaitingLine | None:
        return next((one for one in self.exchange.queues.values() if one.sid == ask.parts[1]), None)

    # ---- conferences

    def _room(self, ask: Ask) -> Conference | None:
        rooms = self.exchange.conferences
        return rooms.get(ask.parts[1]) or next((one for one in rooms.values() if one.sid == ask.parts[1]), None)

    async def conferences(self, ask: Ask) -> Answered:
        """The open conferences, or those of one name."""
        name = ask.query.get("FriendlyName", "")
        rooms = [one for one in self.exchange.conferences.values() if name in {"", one.name}]
        return json({"conferences": [one.resource(ask.parts[0]) for one in rooms]})

    async def close(self, ask: Ask) -> Answered:
        """End a conference."""
        room = self._room(ask)
        if room is None:
            return error(20404, 404)
        if ask.form.get("Status") == "completed" and room.legs:
            dial.close(room.legs[0], room)
        return json(room.resource(ask.parts[0]))

    async def participants(self, ask: Ask) -> Answered:
        """Who is in it."""
        room = self._room(ask)
        return json({"participants": [_participant(room, leg) for leg in room.legs]}) if room else error(20404, 404)

    async def invite(self, ask: Ask) -> Answered:
        """Call somebody into a conference; it opens with them where it is not open yet."""
        form, room = ask.form, self._room(ask) or self.exchange.conference(ask.parts[1])
        starts = form.get("StartConferenceOnEnter", "true").lower()
        ends = form.get("EndConferenceOnExit", "false").lower()
        inside = f'<Conference startConferenceOnEnter="{starts}" endConferenceOnExit="{ends}">{room.name}</Conference>'
        pairs = [pair for pair in ask.pairs if pair[0] not in {"Url", "Twiml"}]
        made = self.exchange.dial_out([*pairs, ("Twiml", f"<Response><Dial>{inside}</Dial></Response>")])
        return error(made) if isinstance(made, int) else json(_participant(room, made), 201)

    async def dismiss(self, ask: Ask) -> Answered:
        """Put somebody out of a conference: their call ends."""
        room = self._room(ask)
        found = next((leg for leg in room.legs if leg.sid == ask.parts[2]), None) if room else None
        if found is None:
            return error(20404, 404)
        found.hang_up()
        return Answered(status=204)


def _participant(room: Conference, leg: Leg) -> dict[str, Any]:
    return {
        "call_sid": leg.sid, "conference_sid": room.sid, "account_sid": leg.exchange.account, "status": leg.status,
        "muted": False, "hold": False, "label": None, "end_conference_on_exit": False,
        "direction": "outbound" if leg.direction == OUTBOUND else "inbound",
    }  # fmt: skip
