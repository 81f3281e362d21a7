/** The `worker` of all media workflows: a single function, so that they share what it starts. */
import type { WorkerSetup } from 'playhead';
import type { MediaServices } from '../services.ts';

export const loadServices: WorkerSetup<MediaServices> = () => import('../services.ts');
