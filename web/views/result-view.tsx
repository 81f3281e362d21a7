/** Defines how a result is shown beyond its data and files. */
import type { ComponentType, ReactNode } from 'react';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import type { JobResult, JobView } from '../state/job-view.ts';

export interface PanelProps<Content> {
  readonly job: JobView;
  readonly content: Content;
  /** Call this with a link that failed. */
  readonly renew: (failed: string) => void;
}

export interface CardProps<Content> {
  readonly content: Content;
  readonly renew: (failed: string) => void;
}

interface ResultViewOptions<Content> {
  /** @returns null if this view cannot show the result, such as one made by another version */
  readonly read: (result: ReadableResult) => Content | null;
  readonly Panel: ComponentType<PanelProps<Content>>;
  /** One or two lines for a card. */
  readonly Card: ComponentType<CardProps<Content>>;
  /** A few words for a list of finished jobs. */
  readonly summarise: (content: Content) => string | null;
}

/** A view of one type of result; each part is null for a result that it cannot show. */
export interface ResultView {
  panel(result: JobResult, props: Omit<PanelProps<never>, 'content'>): ReactNode | null;
  card(result: JobResult, props: Omit<CardProps<never>, 'content'>): ReactNode | null;
  summarise(result: JobResult): string | null;
}

export function defineResultView<Content>(options: ResultViewOptions<Content>): ResultView {
  const { Card, Panel, read, summarise } = options;
  const contentOf = (result: JobResult): Content | null => read(new ReadableResult(result));
  return {
    panel: (result, props) => {
      const content = contentOf(result);
      return content === null ? null : <Panel {...props} content={content} />;
    },
    card: (result, props) => {
      const content = contentOf(result);
      return content === null ? null : <Card {...props} content={content} />;
    },
    summarise: (result) => {
      const content = contentOf(result);
      return content === null ? null : summarise(content);
    },
  };
}

/** A result's fields, each as the type that a view expects, or null. */
export class ReadableResult {
  readonly #data: Readonly<Record<string, unknown>>;
  readonly #artifacts: readonly ArtifactFieldsFragment[];

  constructor({ artifacts, data }: JobResult) {
    this.#data = Object(data) as Readonly<Record<string, unknown>>;
    this.#artifacts = artifacts;
  }

  number(name: string): number | null {
    const value = this.#data[name];
    return typeof value === 'number' ? value : null;
  }

  text(name: string): string | null {
    const value = this.#data[name];
    return typeof value === 'string' ? value : null;
  }

  /** The first file of a media type, for example `video/`. */
  file(type: string): ArtifactFieldsFragment | null {
    return this.#artifacts.find(({ contentType }) => contentType.startsWith(type)) ?? null;
  }
}
