"""`python -m bot` with less time for an attempt, so that tests need not wait long for doubts."""

from datetime import timedelta

import bot.outbound.deliver
from bot.__main__ import cli


def hurry() -> None:
    bot.outbound.deliver.ATTEMPT = timedelta(seconds=3)
    bot.outbound.deliver.CLOCK_SKEW = timedelta(seconds=1)


if __name__ == "__main__":
    hurry()
    cli()
