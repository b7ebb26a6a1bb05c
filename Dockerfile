# The bot without its playground. One image serves every process; the command says which.
FROM python:3.13-slim AS build
COPY requirements.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bot \
    && install --directory --owner=bot --mode=0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY manifest.yml ./
COPY flows/ flows/
COPY storage/ storage/
COPY bot/ bot/
# Compile now, because the file system may be read-only later.
RUN /venv/bin/python -m compileall -q bot flows storage
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
