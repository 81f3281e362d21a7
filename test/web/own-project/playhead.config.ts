/** A project whose one workflow the page has never heard of. */
import { defineConfig } from 'playhead';
import { poster } from './poster/index.ts';

export default defineConfig({ workflows: [poster] });
