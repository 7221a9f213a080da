# The bot as an image: `docker build --tag bywalec .`. Config and database lie in the volume /data.
FROM python:3.11-slim AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bywalec \
    && install --directory --owner bywalec --mode 0700 /data
COPY --from=packages /opt/venv /opt/venv
COPY run_bot.py pyproject.toml config.example.toml /opt/bywalec/
COPY adapters /opt/bywalec/adapters
COPY bot /opt/bywalec/bot
COPY cli /opt/bywalec/cli
COPY handlers /opt/bywalec/handlers
COPY messages /opt/bywalec/messages
COPY storage /opt/bywalec/storage
# Compiled now, because nothing is written beside the code later: the file system may be read-only.
RUN /opt/venv/bin/python -m compileall -q /opt/bywalec
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/opt/bywalec
USER bywalec
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/opt/venv/bin/python", "-m", "cli.healthy", "/data/config.toml"]
ENTRYPOINT ["/opt/venv/bin/python", "/opt/bywalec/run_bot.py"]
CMD ["run", "--config", "/data/config.toml"]
