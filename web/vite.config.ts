/** The dashboard's build, and `npx vite web` for work on it beside a running `npm start`. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const api = process.env['PLAYHEAD_URL'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Deep links (/p/PROJECT/jobs/ID) load the same page.
  appType: 'spa',
  base: '/',
  experimental: {
    // Below a path the server rewrites the page alone; scripts and styles find each other from where they are.
    renderBuiltUrl: (filename, { hostType }) => (hostType === 'html' ? `/${filename}` : { relative: true }),
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // Fonts stay files: the content security policy allows no data: there.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The page is one script. Of its 500 KB a browser loads 130: they are sent compressed.
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: { '/graphql': { target: api, ws: true }, '/files': api },
  },
});
