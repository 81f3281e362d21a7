import { defineConfig } from 'playhead';
import { media } from './media/index.ts';

export default defineConfig({ workflows: [...media()] });
