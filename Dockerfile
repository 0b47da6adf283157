# Not built where this was written (no Docker engine there): tests/test_deployment.py reads it, nothing has run it.
# Debian slim rather than Alpine: onnxruntime publishes no musl wheels.
FROM python:3.12-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# What others wrote changes seldom: a layer of its own, so that a new version of ours is a small one.
COPY pyproject.toml uv.lock README.md LICENSE NOTICE ./
RUN uv sync --locked --no-default-groups --extra postgres --extra mcp --no-install-project
COPY manifest.yml ./
COPY bot bot
COPY integrations integrations
COPY intelligence intelligence
COPY playground playground
COPY storage storage
RUN uv sync --locked --no-default-groups --extra postgres --extra mcp --no-editable

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 bot && mkdir /data && chown bot:bot /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/ticket-intel.db LOG_JSON=true WEB_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
# Asks /readyz with WEB=true; without it only that the process lives.
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 CMD ["python", "-m", "bot.alive"]
ENTRYPOINT ["ticket-intel"]
CMD ["run"]
