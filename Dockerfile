# One image for every service and for the migrations: the command says which.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Scripts of packages fetch what tests need (a PostgreSQL); a build needs none of it.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY .swcrc tsconfig.json ./
COPY apps apps
COPY libs libs
COPY ops ops
COPY docs/asyncapi.json docs/
COPY docs/openapi docs/openapi
RUN node_modules/.bin/swc apps libs ops -d dist --quiet
# The console's page, beside the console.
RUN node_modules/.bin/vite build apps/console/page --logLevel warn --outDir ../../../dist/apps/console/built-page
# What runs: compiled sources, and what is no source: the migrations, the documents of the contracts.
RUN mkdir /runtime && tar c dist docs apps/*/migrations libs/*/migrations | tar x -C /runtime

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
# Below 2 GB V8 lets the heap grow to twice what is alive before it collects; above, fourfold.
ENV NODE_OPTIONS=--max-old-space-size=1536
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /runtime ./
USER node
CMD ["node", "--enable-source-maps", "dist/apps/orders/src/main.js"]
