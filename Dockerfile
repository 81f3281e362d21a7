# Playhead with the media workflows, from the packages that `npm run package` makes; API process and worker alike. `docker compose
# up --build` uses it. Checked by test/docs/compose.test.ts, not built here. docs/deploy.md has one for workflows of one's own.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run --silent package
WORKDIR /app
RUN cp /source/build/*.tgz . \
  && npm init --yes > /dev/null && npm pkg set type=module \
  && npm install --no-audit --no-fund ./playhead-[0-9]*.tgz ./playhead-media-*.tgz \
     @aws-sdk/client-s3@3.1175.0 @aws-sdk/lib-storage@3.1175.0 @smithy/node-http-handler@4.14.2 \
  && rm *.tgz \
  && echo "import { media } from '@playhead/media'; import { defineConfig } from 'playhead'; export default defineConfig({ workflows: [...media()] });" > playhead.config.js

FROM node:24-bookworm-slim
# ffmpeg makes films, PocketSphinx verifies English speech (src/settings); prlimit, of util-linux, is in the image. Voices and fonts
# come by npm. Redis is a service of its own.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg pocketsphinx pocketsphinx-en-us \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=node:node /app /app
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PLAYHEAD_DATA_DIR=/data PATH=/app/node_modules/.bin:$PATH
VOLUME /data
EXPOSE 4000
CMD ["playhead", "server"]
