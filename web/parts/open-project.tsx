/** Opens a project, or only one of its jobs, for everything below. */
import { type ReactNode, useEffect, useState } from 'react';
import { Project } from '../state/project.ts';
import { ProjectProvider, useProject } from '../state/project-context.ts';
import { useValue } from '../state/value.ts';
import { loadWorkflows } from '../state/workflows.ts';

interface OpenProjectProps {
  readonly id: string;
  /** The only job that the credential may read; default: all of them. */
  readonly only?: string;
  readonly children: ReactNode;
}

/** The project's jobs and stream exist as long as it is shown. */
export function OpenProject({ id, only, children }: OpenProjectProps) {
  const [project, setProject] = useState<Project | null>(null);
  useEffect(() => {
    const opened = new Project(id, only ?? null);
    setProject(opened);
    return () => {
      opened.close();
      setProject(null);
    };
  }, [id, only]);
  if (project?.id !== id) return null;
  return (
    <ProjectProvider value={project}>
      <WorkflowLoader />
      {children}
    </ProjectProvider>
  );
}

/** Loads the workflows, and again when the connection is back: it may be another server by then. */
function WorkflowLoader() {
  const { connection } = useProject();
  const { name } = useValue(connection);
  const isLost = name === 'reconnecting';
  useEffect(() => {
    if (!isLost) void loadWorkflows();
  }, [isLost]);
  return null;
}
