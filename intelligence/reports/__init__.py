"""The numbers and sentences of a report: values in, values out."""
