"""What handlers are given: use cases and what they need to answer, made in `bot.app`."""

from dataclasses import dataclass

from bot.answers import Answers
from bot.board_screens import BoardScreens
from bot.contact_names import ContactNames
from flows.caring import Caring
from flows.conversing import Conversing
from flows.csms import Csms
from flows.following import Following
from flows.reminding import Reminding
from flows.replaying import Replaying
from flows.reviewing import Reviewing
from flows.service import SetUp
from flows.writing_back import WritingBack


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`csm_channel_id` is the channel of the cards as the settings name it; empty: it is bound by
    a command.
    """

    setup: SetUp
    replaying: Replaying
    following: Following
    reviewing: Reviewing
    caring: Caring
    conversing: Conversing
    names: ContactNames
    reminding: Reminding
    writing_back: WritingBack
    answers: Answers
    screens: BoardScreens
    csms: Csms
    csm_channel_id: str
