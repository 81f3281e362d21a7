/** A file that a job made. */
import type { StoredFile } from '../jobs/contract.ts';
import type { Builder } from './builder.ts';

export type ArtifactRef = ReturnType<typeof addArtifact>;

export function addArtifact(builder: Builder) {
  return builder.objectRef<StoredFile>('Artifact').implement({
    description: 'A file that a job made and that is kept with it.',
    fields: (t) => ({
      name: t.string({
        description: 'Name of the file within its job, for example `video.mp4`.',
        resolve: ({ name, path }) => name ?? path.split('/').slice(2).join('/'),
      }),
      url: t.string({
        description:
          'Where the caller can fetch the file with GET or HEAD, ranges included: an absolute URL, or one relative to the server’s root such as `/files/demo/0198…/video.mp4`. Where access is restricted it is signed and short-lived, so query it again instead of storing it.',
        resolve: (file, _args, context) => context.artifactUrl(file.path),
      }),
      path: t.exposeString('path', {
        description: 'Place in the store, `projectId/jobId/name`; it does not change.',
      }),
      contentType: t.exposeString('contentType', {
        description: 'Media type of the file, for example `video/mp4`.',
      }),
      sizeBytes: t.exposeFloat('sizeBytes', {
        description: 'Size in bytes, a whole number (Float because Int ends at 2 GiB).',
      }),
    }),
  });
}
