import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/** Beside each text its gzip, which the server sends as it is. */
let folder = '';
const compress = {
  name: 'compress',
  apply: 'build',
  configResolved({ root, build }) {
    folder = resolve(root, build.outDir);
  },
  closeBundle() {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(js|css|svg)$/.test(name))) {
      const path = join(folder, file);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    }
  },
};

export default defineConfig({
  root: dirname(fileURLToPath(import.meta.url)),
  publicDir: 'public',
  plugins: [compress],
  build: {
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Packages say "use client" to frameworks that have a server: there is none here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  // To work on the page beside a running system: `npx vite apps/console/page`.
  server: { proxy: { '/api': process.env.CONSOLE_URL ?? 'http://localhost:3006' } },
});
