"""Mining: one technique a file, each with its cues, what it takes from a ticket, and how tickets become a backlog."""
