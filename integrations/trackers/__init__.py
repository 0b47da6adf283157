"""Trackers: where the work lives. One file for each, all behind the port."""
