"""`python -m bot`: the same as `ticket-intel`."""

from bot.cli import main

main()
