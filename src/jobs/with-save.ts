import type { JobFiles } from './contract.ts';

/** The same files, with another way to store one. */
export function withSave(files: JobFiles, save: JobFiles['save']): JobFiles {
  return {
    // Made only on first use.
    get scratch() {
      return files.scratch;
    },
    open: (name) => files.open(name),
    openArtifact: (jobId, name) => files.openArtifact(jobId, name),
    save,
  };
}
