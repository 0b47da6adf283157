"""The bundled sentence encoder: text in, unit vectors out, no network."""
