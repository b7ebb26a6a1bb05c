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
# What a change may draw again.
TOLD = (
    "kind IN ('arrival_confirmed', 'colleague_did', 'completed', 'confirmed', 'csm_message', "
    "'delegated', 'delegation_news', 'disconnected', 'first_data', 'go_on', 'help_received', "
    "'incident', 'incident_over', 'rejected', 'reminder', 'replay_news', 'replay_request', "
    "'welcome')"
)
PLACE_KEY = ("tenant_id", "integration_id", "sequence", "kind", "state", "due_at")
