/** The displayed project, for every component below. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { NO_STORY, type Story } from './job-story.ts';
import type { JobView } from './job-view.ts';
import type { Project } from './project.ts';

const ProjectContext = createContext<Project | null>(null);

export const ProjectProvider = ProjectContext.Provider;

export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (project === null) throw new Error('useProject: expected a ProjectProvider above');
  return project;
}

/** One job; only its own changes cause renders. */
export function useJob(id: string): JobView | undefined {
  const { store } = useProject();
  return useSyncExternalStore(
    (listener) => store.subscribe(id, listener),
    () => store.get(id),
  );
}

/** What has happened to one job, kept up to date while something shows it. */
export function useStory(id: string): Story {
  const project = useProject();
  const [story, setStory] = useState<Story>(NO_STORY);
  useEffect(() => project.followStory(id, setStory), [project, id]);
  return story;
}
