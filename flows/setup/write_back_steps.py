"""The optional step after live sync, as pure functions like those of `flows.setup.steps`."""

from dataclasses import replace

from flows.model import Integration, Screen, WriteBack
from flows.recording import Change, touched
from flows.setup.events import WriteBackSkipped, WriteKeyEntered
from flows.vocabulary import Source, Stamp


def accept_write_key(
    integration: Integration, source: Source | None, stamp: Stamp, *, for_toplyne: bool
) -> Change:
    """Stores that Segment knows the key. It replaces an earlier key."""
    facts = WriteBack(entered=stamp, source=source, for_toplyne=for_toplyne)
    after = replace(integration, write_back=facts)
    return Change(touched(after, Screen.WRITE_BACK), (WriteKeyEntered(stamp, source),))


def skip_write_back(integration: Integration, stamp: Stamp) -> Change:
    """ "Not now": the offer is not made again, but can be taken up at any time."""
    if integration.write_back.entered or integration.write_back.skipped:
        return Change(integration)
    after = replace(integration, write_back=WriteBack(skipped=stamp))
    return Change(touched(after, Screen.WRITE_BACK), (WriteBackSkipped(stamp),))
