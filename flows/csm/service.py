"""All that CSMs do for one customer, each with its use cases."""

from flows.csm.channel import BindingChannel
from flows.csm.deciding import Deciding
from flows.csm.judging import Judging
from flows.csm.members import Csms
from flows.csm.owning import Owning
from flows.csm.replay import ReplayForCsm
from flows.recording import Recorder


class CsmService:
    """Each use case first checks that the person is a CSM. Raises what `Csms.require` raises."""

    def __init__(self, recorder: Recorder, csms: Csms) -> None:
        self.deciding = Deciding(recorder, csms)
        self.owning = Owning(recorder, self.deciding, csms)
        self.judging = Judging(self.deciding)
        self.replay = ReplayForCsm(recorder, self.deciding)
        self.channel = BindingChannel(recorder, csms)
