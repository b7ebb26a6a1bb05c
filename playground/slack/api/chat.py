"""chat.*: what the app says."""

from playground.slack.api.call import TIER_3, Call, Method
from playground.slack.api.rates import Rates
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.messages import Messages
from playground.slack.model import Channel, Json, Message, User
from playground.slack.refusals import refuse_edit, refuse_post, refuse_reader

_CONTENT = ("text", "blocks", "attachments", "metadata", "parse", "link_names", "mrkdwn")
_UNFURL = ("unfurl_links", "unfurl_media")
_DISGUISE = ("username", "icon_emoji", "icon_url", "as_user")


class Chat:
    """Posting to a person's id posts to the direct messages with them."""

    def __init__(self, core: Core, messages: Messages, rates: Rates) -> None:
        self._core = core
        self._messages = messages
        self._rates = rates

    def methods(self) -> dict[str, Method]:
        threads = ("thread_ts", "reply_broadcast")
        return {
            "chat.postMessage": Method(
                self._post, ("channel",), _CONTENT + _UNFURL + _DISGUISE + threads, "chat:write"
            ),
            "chat.postEphemeral": Method(
                self._ephemeral,
                ("channel", "user"),
                (*_CONTENT, *_DISGUISE, "thread_ts"),
                "chat:write",
            ),
            "chat.update": Method(
                self._update,
                ("channel", "ts"),
                (*_CONTENT, "as_user", "file_ids", "reply_broadcast"),
                "chat:write",
                per_minute=TIER_3,
            ),
            "chat.delete": Method(
                self._delete, ("channel", "ts"), ("as_user",), "chat:write", per_minute=TIER_3
            ),
            "chat.getPermalink": Method(self._permalink, ("channel", "message_ts")),
        }

    def _post(self, call: Call) -> Json:
        channel = self._target(call)
        if any(call.args.get(name) for name in ("username", "icon_emoji", "icon_url")):
            call.need("chat:write.customize")
        self._check_thread(call, channel)
        refuse_post(channel, in_thread=bool(call.text("thread_ts")))
        self._rates.check_post(channel.id)
        message = self._messages.post(
            call.installation, channel, call.args, where="chat.postMessage"
        )
        shown = self._messages.as_json(message)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    def _ephemeral(self, call: Call) -> Json:
        channel = self._writable(call, call.channel())
        user = call.user()
        if user.id not in channel.members:
            raise SlackError("user_not_in_channel")
        refuse_post(channel, in_thread=bool(call.text("thread_ts")))
        message = self._messages.post(
            call.installation,
            channel,
            call.args,
            where="chat.postEphemeral",
            ephemeral_to=user.id,
        )
        return {"message_ts": message.ts}

    def _update(self, call: Call) -> Json:
        channel = self._writable(call, call.channel())
        refuse_edit(channel, self._core.state.users.get(channel.user))
        message = self._own(call, channel, "cant_update_message")
        # Blocks stay only if neither blocks nor a text are given.
        content = call.args if call.text("text") else {"blocks": message.blocks} | call.args
        self._messages.update(call.installation, channel, message, content, "chat.update")
        shown = self._messages.as_json(message)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}

    def _delete(self, call: Call) -> Json:
        channel = self._writable(call, call.channel())
        message = self._own(call, channel, "cant_delete_message")
        self._messages.delete(call.installation, channel, message)
        return {"channel": channel.id, "ts": message.ts}

    def _permalink(self, call: Call) -> Json:
        """Needs no scope, but the app must see the channel."""
        channel = call.channel()
        hidden = channel.is_private or channel.kind == "im"
        if hidden and call.installation.bot_user_id not in channel.members:
            raise SlackError("channel_not_found")
        message = self._core.state.message(channel.id, call.text("message_ts"))
        if message is None or message.ephemeral_to:
            raise SlackError("message_not_found")
        domain = self._core.state.teams[channel.team_id].domain
        link = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    def _target(self, call: Call) -> Channel:
        wanted, users = call.text("channel"), self._core.state.users
        if wanted in users:
            user = self._addressee(call, wanted)
            refuse_reader(user)
            return self._core.state.direct_messages(user, call.installation)
        channel = self._writable(call, call.channel())
        if channel.user:
            refuse_reader(users[channel.user])
        return channel

    def _addressee(self, call: Call, user_id: str) -> User:
        try:
            return call.reach.user(user_id)
        except SlackError as error:
            if error.error == "user_not_found":
                error.error = "channel_not_found"
            raise

    def _writable(self, call: Call, channel: Channel) -> Channel:
        if channel.is_archived:
            raise SlackError("is_archived")
        if call.installation.bot_user_id not in channel.members:
            if channel.is_private:
                raise SlackError("channel_not_found")
            if "chat:write.public" not in call.installation.scopes:
                raise SlackError("not_in_channel")
        return channel

    def _own(self, call: Call, channel: Channel, not_mine: str) -> Message:
        message = self._core.state.message(channel.id, call.text("ts"))
        if message is None or message.ephemeral_to:
            raise SlackError("message_not_found")
        if message.bot_id != call.installation.bot_id:
            raise SlackError(not_mine)
        return message

    def _check_thread(self, call: Call, channel: Channel) -> None:
        thread_ts = call.text("thread_ts")
        if thread_ts and self._core.state.message(channel.id, thread_ts) is None:
            raise SlackError("thread_not_found")
