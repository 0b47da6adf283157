.PHONY: check test fmt soak audit docs demo

check:  ## everything that has to hold before a change lands, from a fresh clone of HEAD
	.ci/run

test:  ## the tests, here and now
	uv run pytest -q

fmt:  ## format and mend what can be mended
	uv run --group lint ruff check --fix .
	uv run --group lint ruff format .

soak:  ## long runs with real processes that are killed and frozen
	@printf '| fault | runs | acknowledged | lost | doubled | alerts | doubled |\n|---|---:|---:|---:|---:|---:|---:|\n' >soak-counts.md
	SOAK_SECONDS=$${SOAK_SECONDS:-600} SOAK_COUNTS=$(CURDIR)/soak-counts.md uv run pytest -q -n 0 -m soak; \
	  code=$$?; cat soak-counts.md; exit $$code

audit:  ## known vulnerabilities of what is installed; asks the network
	uv export --quiet --locked --all-extras --no-emit-project --no-hashes >.audit.txt
	uv tool run pip-audit --strict --disable-pip --no-deps -r .audit.txt; code=$$?; rm -f .audit.txt; exit $$code

docs:  ## write .env.example, docs/settings.md and docs/commands.md from the code's tables
	uv run python -m bot.reference

demo:
	uv run ticket-intel demo
