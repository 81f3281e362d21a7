/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What generateVideo takes. */
export type GenerateVideoInput = {
  /** Format of the script, one of `plain`, `markdown`, `fountain`, `srt`, `vtt`, `html`; default: detected: one of `plain`, `markdown`, `fountain`, `srt`, `vtt`, `html`. */
  format?: string | null | undefined;
  /** 1 to 200 printable ASCII characters without spaces. The same key with the same input, for the same project and kind of job within 7 days, returns the job that already exists and starts none; with different input it is refused (IDEMPOTENCY_CONFLICT). The order of fields, and defaults that are written out, make no difference. */
  idempotencyKey?: string | null | undefined;
  /** Language of speech, captions and events: one of the tags `en`, `en-US`, `en-GB`, `ko`, `ko-KR`; default `en`. */
  language?: string | null | undefined;
  /** Attempts before the job is FAILED: 1..10, default 3. Only errors that may be transient are retried. */
  maxAttempts?: number | null | undefined;
  /** Music below the speech, made here, 18 LU quieter: one of `none`, `calm`, `bright`; default: `none`. */
  music?: string | null | undefined;
  /** The project that the job belongs to: 1 to 64 letters, digits, `_` or `-`. */
  projectId: string | number;
  /** The script: lines `NAME: text`, scene headings `## Scene`, stage directions in brackets, plain text for a narrator, at its head `Cast: NAME (female, 60)` for looks and voices; or Fountain, Markdown, SRT, WebVTT or HTML. At least one spoken line, at most 500 of them and 100,000 characters; no control characters other than line ends and tabs. */
  script: string;
  /** Title shown at the start: at most 200 characters in one line. Default: the script’s own, if any. */
  title?: string | null | undefined;
};

export type StartVideoMutationVariables = Exact<{
  input: GenerateVideoInput;
}>;


export type StartVideoMutation = { generateVideo: { id: string } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const StartVideoDocument = new TypedDocumentString(`
    mutation StartVideo($input: GenerateVideoInput!) {
  generateVideo(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<StartVideoMutation, StartVideoMutationVariables>;