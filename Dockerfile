# One image for every service and for the migrations: the command says which.

# By a tag, which moves; where images are made for others, with the digest that it has then:
# `--build-arg NODE_IMAGE=node:24-slim@sha256:…`.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
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

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# `--omit=dev` alone would keep what packages for development bring in for those that run: Express
# and a hundred more that nothing here calls. dev/sbom.ts takes the same steps.
RUN npm pkg delete devDependencies \
  && npm install --package-lock-only --offline --no-audit --no-fund
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

# Node and the libraries that it is linked with. A Node of Debian's own also reads parts of itself.
FROM ${NODE_IMAGE} AS node
RUN node=$(command -v node); libraries=$(ldd "$node" | grep -o '/[^ ]*'); \
  parts=$(grep -aohE '/usr/share/nodejs/[a-z0-9/._-]+\.m?js' "$node" $libraries | sort -u || true); \
  mkdir -p /node/usr/local/bin /node/etc \
  && cp -L --parents $libraries $parts /node \
  && cp "$node" /node/usr/local/bin \
  && cp /etc/passwd /etc/nsswitch.conf /node/etc

# No shell, no package manager, nothing else: what is not there needs no update and helps nobody in.
FROM scratch
ENV PATH=/usr/local/bin
ENV NODE_ENV=production
# Below 2 GB V8 lets the heap grow to twice what is alive before it collects; above, fourfold.
ENV NODE_OPTIONS=--max-old-space-size=1536
WORKDIR /app
COPY --from=node /node /
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /runtime ./
# The user `node`, by number: Kubernetes believes no name (`runAsNonRoot`).
USER 1000:1000
CMD ["node", "--enable-source-maps", "dist/apps/orders/src/main.js"]
