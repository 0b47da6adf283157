"""Answers for people at a terminal and for programs that read its JSON."""
