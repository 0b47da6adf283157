"""How personal data and secrets are recognised: one file per family of forms. `intelligence.redact` applies them."""
