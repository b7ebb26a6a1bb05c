# The bot without its playground. One image serves every process; the command says which.
# Another base, such as one of your own registry: docker build --build-arg BASE=…
ARG BASE=python:3.13-slim@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
COPY requirements.txt .
# Compile now, because the file system may be read-only later. pip itself does not go along.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt \
    && /venv/bin/pip uninstall --quiet --yes pip
WORKDIR /app
COPY manifest.yml ./
COPY flows/ flows/
COPY storage/ storage/
COPY bot/ bot/
RUN /venv/bin/python -m compileall -q bot flows storage

FROM ${BASE}
# What installs packages has no use here: the base's own pip, and the copies that make new ones.
RUN find / -xdev \( -path '*/site-packages/pip' -o -path '*/site-packages/pip-*' \
        -o -path '*/dist-packages/pip' -o -path '*/dist-packages/pip-*' -o -name ensurepip \
        -o -name 'pip-*.whl' -o -path '*/bin/pip' -o -path '*/bin/pip3*' \) -prune -exec rm -rf {} + \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bot \
    && install --directory --owner=bot --mode=0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/bot.db
USER 10001
EXPOSE 3000
# Workers answer here with --health-port 3000.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:3000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve", "--host", "0.0.0.0"]
