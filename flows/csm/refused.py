"""Why what a CSM says of a customer changes nothing."""

from flows.csm.meanwhile import Touches, nothing
from flows.errors import FlowError, NotFound
from flows.model import Integration


class Decided(FlowError):
    """Somebody decided this already, or it no longer needs a decision.

    `touches` tells which words may have come first.
    """

    def __init__(self, touches: Touches = nothing) -> None:
        super().__init__()
        self.touches = touches


class SentAlready(Decided):
    """This very window has sent it: its button was pressed twice."""


class Replaced(Decided):
    """The customer disconnected the set-up that this was about, and another one began."""

    def __init__(self, integration: Integration) -> None:
        super().__init__()
        self.integration = integration


class OutOfReach(NotFound):
    """The customer uninstalled the app, or their set-up was erased long after its end."""
