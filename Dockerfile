# Playhead, API process and worker alike: `docker compose up --build` uses it. Checked by test/docs/compose.test.ts, not built here.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
RUN npm run --silent build

FROM node:24-bookworm-slim
# PocketSphinx verifies English speech (src/redis/programs.ts); prlimit, of util-linux, is in the image. ffmpeg, voices and fonts
# come by npm. Redis is a service of its own.
RUN apt-get update \
  && apt-get install -y --no-install-recommends pocketsphinx pocketsphinx-en-us \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=node:node /app /app
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PLAYHEAD_DATA_DIR=/data
VOLUME /data
EXPOSE 4000
CMD ["npm", "run", "--silent", "server"]
