class ActRefused(Exception):
    """What was asked for cannot be done; the message is for the person at the page."""
