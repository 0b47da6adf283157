"""Reports: gather the figures of a period, publish them once, print them again, send them out."""
