/** `npm run dev` next to a running server; the page's origin proxies /graphql and /files to it. */
import { defineConfig } from 'vite';
import relay from 'vite-plugin-relay';

const api = process.env['PLAYHEAD_URL'] ?? 'http://127.0.0.1:4000';
const proxy = { '/graphql': { target: api, ws: true }, '/files': api };

export default defineConfig({ plugins: [relay], server: { proxy }, preview: { proxy } });
