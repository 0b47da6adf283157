.PHONY: check test fmt soak docs demo

check:  ## everything that has to hold before a change lands, from a fresh clone of HEAD
	.ci/run

test:  ## the tests, here and now
	uv run pytest -q

fmt:  ## format and mend what can be mended
	uv run --group lint ruff check --fix .
	uv run --group lint ruff format .

soak:  ## long runs with real processes that are killed and frozen
	SOAK_SECONDS=$${SOAK_SECONDS:-600} uv run pytest -q -n 0 -m soak

docs:  ## write .env.example, docs/settings.md and docs/commands.md from the code's tables
	uv run python -m bot.reference

demo:
	uv run ticket-intel demo
