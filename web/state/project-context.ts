/** The project that is shown, for every component below. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { JobEvent, JobView } from './job-view.ts';
import type { Project } from './project.ts';

const ProjectContext = createContext<Project | null>(null);

export const ProjectProvider = ProjectContext.Provider;

export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (project === null) throw new Error('useProject: expected a ProjectProvider above');
  return project;
}

/** One job; only its own changes render again. */
export function useJob(id: string): JobView | undefined {
  const { store } = useProject();
  return useSyncExternalStore(
    (listener) => store.subscribe(id, listener),
    () => store.get(id),
  );
}

/** The events of one job that this page has seen, oldest first. */
export function useLog(id: string): readonly JobEvent[] {
  const { store } = useProject();
  return useSyncExternalStore(
    (listener) => store.subscribe(id, listener),
    () => store.log(id),
  );
}
