# How it is built, reached and kept: docs/operations.md, "In a container".
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS libraries
COPY requirements.txt /tmp/requirements.txt
# Where packages come from elsewhere, the secret "pip" is a pip.conf that says so; it stays out of the image.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    python -m venv /srv/libraries && \
    /srv/libraries/bin/python -m pip install --no-cache-dir --only-binary=:all: --require-hashes -r /tmp/requirements.txt

FROM ${PYTHON_IMAGE}
ENV PATH=/srv/libraries/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    SIGHTLINE_CACHE_DIR=/srv/sightline/cache \
    SIGHTLINE_LOG_DIR=/srv/sightline/logs \
    SIGHTLINE_SETTINGS=/srv/sightline/settings/app_settings.json
WORKDIR /srv/sightline
COPY --from=libraries /srv/libraries /srv/libraries
COPY app.py LICENSE ./
COPY configuration configuration
COPY data data
COPY ui ui
COPY callbacks callbacks
RUN python -m compileall -q . && \
    chmod -R a+rX . && \
    mkdir -m 700 cache logs settings && \
    chown 10001:10001 cache logs settings
USER 10001:10001
VOLUME ["/srv/sightline/cache", "/srv/sightline/logs", "/srv/sightline/settings"]
EXPOSE 8050
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "configuration.probe", "/health"]
CMD ["python", "app.py"]
