/** `npx vite examples/urql` next to a running `npm start`; the page's origin proxies /graphql and /files to it. */
import { defineConfig } from 'vite';

const api = process.env['PLAYHEAD_URL'] ?? 'http://127.0.0.1:4000';
const proxy = { '/graphql': { target: api, ws: true }, '/files': api };

export default defineConfig({ server: { proxy }, preview: { proxy } });
