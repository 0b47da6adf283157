# Not built where this was written (no Docker engine there): read it before you rely on it.
# Debian slim rather than Alpine: onnxruntime publishes no musl wheels.
FROM python:3.12-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
WORKDIR /app
COPY . .
RUN uv sync --locked --no-default-groups --extra postgres --no-editable

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 bot && mkdir /data && chown bot /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATABASE_URL=sqlite:////data/ticket-intel.db LOG_JSON=true
USER bot
WORKDIR /data
VOLUME /data
CMD ["ticket-intel", "run"]
