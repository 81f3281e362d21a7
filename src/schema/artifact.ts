/** A file that a job made. */
import type { StoredFile } from '../jobs/contract.ts';
import type { Builder } from './builder.ts';

/** A stored file, or a link of a tracked job. */
interface ArtifactSource extends StoredFile {
  /** The address of a link; omitted for a file in the store. */
  readonly url?: string;
}

/** The description of a preview, for events and jobs. */
export const PREVIEW =
  'The newest picture or sound of what is being made, at most 200,000 bytes; null when nothing is shown. The next one takes its place, and it goes when the attempt ends: keep what you have when it is no longer there.';

export type ArtifactRef = ReturnType<typeof addArtifact>;

export function addArtifact(builder: Builder) {
  return builder.objectRef<ArtifactSource>('Artifact').implement({
    description: 'A file that a job made and that is kept with it; of a tracked job, a link to what it made.',
    fields: (t) => ({
      name: t.string({
        description: 'Name of the file within its job, for example `video.mp4`.',
        resolve: ({ name, path }) => name ?? path.split('/').slice(2).join('/'),
      }),
      url: t.string({
        description:
          'Where the caller can fetch the file with GET or HEAD, ranges included: an absolute URL, or one relative to the server’s root such as `/files/demo/0198…/video.mp4`. Where access is restricted it is signed and short-lived, so query it again instead of storing it. A link of a tracked job stands as its task gave it.',
        resolve: (file, _args, context) => file.url ?? context.artifactUrl(file.path),
      }),
      path: t.exposeString('path', {
        description: 'Place in the store, `projectId/jobId/name`; it does not change. Empty for a link.',
      }),
      contentType: t.exposeString('contentType', {
        description: 'Media type of the file, for example `video/mp4`.',
      }),
      sizeBytes: t.exposeFloat('sizeBytes', {
        description:
          'Size in bytes, a whole number (Float because Int ends at 2 GiB); 0 for a link whose size is unknown.',
      }),
    }),
  });
}
