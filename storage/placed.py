"""What was sent: what may be drawn anew at any age, and what never or, as it quotes somebody, only
for as long as its row is there. Only the row knows where it stands.
"""

# A kind that is missing here is kept.
_KINDS = (
    "('check_done', 'csm_message', 'token_in_message', 'message_hint', 'pass_on', 'channel_lost', "
    "'card_lost', 'redrawn', 'home', 'window', 'card', 'thread', 'customer_left', 'digest_picture')"
)
# Worded so that SQLite takes no index of states, which would read what is kept, too.
_SENT = "state NOT IN ('pending', 'dead')"
PASSING = f"{_SENT} AND kind IN {_KINDS}"
PLACED = f"{_SENT} AND kind NOT IN {_KINDS}"
# What colleagues were told of each other, and farewells.
TOLD = "kind IN ('delegated', 'delegation_news', 'go_on', 'colleague_did', 'disconnected')"
PLACE_KEY = ("tenant_id", "integration_id", "sequence", "kind", "state", "due_at")
