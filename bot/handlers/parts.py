"""The parts of the bot's container that handlers use."""

from typing import Protocol

from bot.inbound.answers import Answers
from bot.outbound.board_screens import BoardScreens
from bot.outbound.people import People
from flows.csm.conversation import Conversing
from flows.csm.inviting import Inviting
from flows.csm.members import Csms
from flows.csm.service import CsmService
from flows.reminders.readers import PassingOn
from flows.reminders.service import Reminding
from flows.replay.form import Replaying
from flows.replay.reports import Following
from flows.setup.entering import Entering
from flows.setup.managing import Managing
from flows.setup.permissions import Members
from flows.setup.service import SetUp
from flows.setup.submission import Submitting
from flows.setup.write_back import WritingBack


class Parts(Protocol):
    """`csm_channel_id` is the CSM channel from the settings. If empty, a command binds one.

    `install_address` is where customers install the app. Empty: it has one workspace alone.
    """

    csm_channel_id: str
    install_address: str

    @property
    def answers(self) -> Answers: ...

    @property
    def submitting(self) -> Submitting: ...

    @property
    def setup(self) -> SetUp: ...

    @property
    def members(self) -> Members: ...

    @property
    def managing(self) -> Managing: ...

    @property
    def replaying(self) -> Replaying: ...

    @property
    def following(self) -> Following: ...

    @property
    def entering(self) -> Entering: ...

    @property
    def writing_back(self) -> WritingBack: ...

    @property
    def reminding(self) -> Reminding: ...

    @property
    def csm(self) -> CsmService: ...

    @property
    def inviting(self) -> Inviting: ...

    @property
    def conversing(self) -> Conversing: ...

    @property
    def passing_on(self) -> PassingOn: ...

    @property
    def csms(self) -> Csms: ...

    @property
    def screens(self) -> BoardScreens: ...

    @property
    def people(self) -> People: ...
