import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: dirname(fileURLToPath(import.meta.url)),
  publicDir: 'public',
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
