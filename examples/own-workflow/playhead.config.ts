import { defineConfig } from 'playhead';
import { teleprompter } from './workflows/teleprompter/index.ts';

export default defineConfig({ workflows: [teleprompter] });
