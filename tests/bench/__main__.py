"""`python -m tests.bench`"""

import sys

from bot.logs import configure_logging
from bot.settings import LogLevel
from tests.bench import slash_command

configure_logging(LogLevel.ERROR)
sys.stdout.write(slash_command.run() + "\n")
