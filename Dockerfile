# One image. Its commands are those of manage.py: web, worker default, worker interactive, beat, migrate.

FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY manage.py .env.example ./
COPY portal portal
COPY provisioning provisioning
COPY templates templates
COPY static static
RUN for po in portal/locale/*/LC_MESSAGES/*.po; do msgfmt --check -o "${po%.po}.mo" "$po"; done \
    && SECRET_KEY=not-kept /opt/venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin rollcall \
    && install --directory --owner rollcall --group rollcall --mode 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /app
USER rollcall
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["tini", "--", "python", "manage.py"]
CMD ["web", "--bind", "0.0.0.0:8000"]
