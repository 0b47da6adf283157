"""Pictures of a report: laid out once as shapes, drawn as SVG (in HTML) and as PNG."""
