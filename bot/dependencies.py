"""What handlers are given: use cases and what they need to answer, made in `bot.app`."""

from dataclasses import dataclass

from bot.inbound.answers import Answers
from bot.outbound.board_screens import BoardScreens
from bot.outbound.contact_names import ContactNames
from flows.csm.caring import Caring
from flows.csm.conversation import Conversing
from flows.csm.members import Csms
from flows.csm.reviewing import Reviewing
from flows.reminders.service import Reminding
from flows.replay.form import Replaying
from flows.replay.reports import Following
from flows.setup.service import SetUp
from flows.setup.write_back import WritingBack


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
