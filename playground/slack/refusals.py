"""Places and people that take no messages from the app, by Slack's names for it.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from playground.slack.breaches import Refusal, SlackError
from playground.slack.model import Channel, User

# These take neither posts nor edits.
_SHUT = frozenset(
    {
        "is_inactive",
        "channel_is_limited_access",
        "no_permission",
        "access_denied",
        "ekm_access_denied",
        "team_access_not_granted",
    }
)
# These take edits. The last ones take one kind of post.
_TOP_LEVEL = frozenset({"restricted_action_thread_only_channel"})
_REPLIES = frozenset(
    {"restricted_action_non_threadable_channel", "restricted_action_thread_locked"}
)
_RESTRICTED = (
    frozenset(
        {
            "restricted_action",
            "restricted_action_read_only_channel",
            "posting_to_channel_denied",
        }
    )
    | _TOP_LEVEL
    | _REPLIES
)
OF_PLACES = _SHUT | _RESTRICTED

OF_READERS = frozenset(
    {
        "channel_not_found",
        "user_not_found",
        "user_not_visible",
        "user_disabled",
        "messages_tab_disabled",
        "im_disabled",
        "cannot_dm_bot",
        "is_inactive",
    }
)


def refuse_post(channel: Channel, *, in_thread: bool) -> None:
    refusal = _known(channel.refusal, OF_PLACES)
    if refusal in _REPLIES and not in_thread:
        return
    if refusal in _TOP_LEVEL and in_thread:
        return
    if refusal:
        raise Refusal(refusal)


def refuse_edit(channel: Channel, reader: User | None) -> None:
    """`reader` is the person, if these are direct messages."""
    for refused, names in ((channel, OF_PLACES), (reader, OF_READERS | _SHUT)):
        if refused and _known(refused.refusal, names) in _SHUT:
            raise Refusal(refused.refusal)


def refuse_reader(user: User) -> None:
    refuse_conversation(user)
    if refusal := _known(user.refusal, OF_READERS | _SHUT):
        raise Refusal(refusal)


def refuse_conversation(user: User) -> None:
    """There are direct messages with members only."""
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")


def _known(refusal: str, names: frozenset[str]) -> str:
    if refusal and refusal not in names:
        raise ValueError(f"Slack refuses nothing with {refusal}")
    return refusal
