# The whole system in local mode, with the example services: see docs/containers.md.
#
# Everything it runs on is pinned: Node by this tag (docs/containers.md says how to pin it by digest), packages by
# package-lock.json.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the packages bring their binaries along.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
RUN mkdir data

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    ORCHESTRATOR_DATA_DIR=/data
# /data is all that the service may write to, besides /tmp.
COPY --from=dependencies --chown=1000:1000 /app/data /data
COPY --from=dependencies /app/node_modules ./node_modules
# What goes in of these is named in .dockerignore.
COPY package.json tsconfig.json ./
COPY bin ./bin
COPY docs ./docs
COPY examples ./examples
COPY local ./local
COPY src ./src
# The user `node` of the base image, by number, so that it can be checked not to be root.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "bin/health-check.mjs", "/healthz"]
# Node itself and no shell: SIGTERM reaches it, and it ends what it started. It starts the system again when that dies.
CMD ["node", "bin/start.mjs"]
