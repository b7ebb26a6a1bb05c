"""Which answer an open modal shows: the one to what its reader pressed last."""

from flows.kept import Bounded
from flows.ports import PRESSED_AT

MODALS_KEPT = 10_000


class InOrder:
    """When that was pressed whose answer each modal shows, as far as this process drew it."""

    def __init__(self) -> None:
        self._pressed_at = Bounded[str, float](MODALS_KEPT)

    def takes(self, view_id: str) -> bool:
        """Notes that what this request shows is drawn there now. False if it comes too late: its
        reader has pressed something since that was faster, and would be thrown back.
        """
        pressed_at = PRESSED_AT.get() or 0.0
        if pressed_at < self._pressed_at.get(view_id, pressed_at):
            return False
        self._pressed_at[view_id] = pressed_at
        return True
