"""The intents to draw something anew: who asks for it twice with the same `mark` gets it once."""

from flows.outbox.bodies import DrawCard, DrawHome, DrawWindow, Redraw
from flows.outbox.messages import CSM_CONVERSATIONS, DIRECT_CONVERSATIONS, Message


def draws_message(said: Message, mark: str) -> Message:
    """To draw what was said to one person as it is true at that time, behind its delivery."""
    conversation = f"{DIRECT_CONVERSATIONS}{said.reader}"
    return Message(Redraw(said.key), conversation, f"{mark}:{said.key}", said.integration_id)


def draws_home(user_id: str, mark: str, integration_id: str = "") -> Message:
    """To draw one person's App Home."""
    conversation, key = f"home:{user_id}", f"home:{user_id}:{mark}"
    return Message(DrawHome(), conversation, key, integration_id)


def draws_window(window: str, mark: str, integration_id: str) -> Message:
    """To fill in a window that shows live sync."""
    key = f"window:{window}:{mark}"
    return Message(DrawWindow(window), f"window:{window}", key, integration_id)


def draws_card(integration_id: str, mark: str) -> Message:
    """To draw a customer's card."""
    conversation = f"{CSM_CONVERSATIONS}{integration_id}"
    return Message(DrawCard(), conversation, f"card:{integration_id}:{mark}", integration_id)
