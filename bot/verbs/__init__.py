"""Every verb of Ticket Intel: one table that drives the parser, `help`, the docs and the command line."""
