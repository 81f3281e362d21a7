/** The parts that the tests use; the package has no types. */
declare module '@20minutes/s3rver' {
  import type { Server } from 'node:http';

  export default class S3rver {
    constructor(options: {
      readonly address: string;
      readonly port: number;
      readonly directory: string;
      readonly silent: boolean;
      readonly configureBuckets: readonly { readonly name: string }[];
    });
    readonly middleware: ((
      context: { readonly path: string; mountPath?: string; readonly state: object },
      next: () => Promise<void>,
    ) => Promise<void>)[];
    readonly httpServer: Server;
    readonly store: { deleteObject(bucket: string, key: string): Promise<void> };
    run(): Promise<{ readonly port: number }>;
    close(): Promise<void>;
  }
}
