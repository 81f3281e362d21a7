/** Starts a video, or several as a batch. */
import { useMemo, useState } from 'react';
import { request } from '../api/request.ts';
import { GenerateVideoBatchDocument, GenerateVideoDocument } from '../generated/graphql.ts';
import { useProject } from '../state/project-context.ts';
import { useText } from '../text/use-text.ts';
import { LanguageField, NumberField, TextArea, TextField } from './fields.tsx';
import { FormFrame } from './form-frame.tsx';
import {
  checkNumber,
  checkScript,
  checkTitle,
  collectFaults,
  MOST_ATTEMPTS,
  outlineScript,
} from './input-checks.ts';
import { ItemList } from './item-list.tsx';
import { itemField, useItems } from './items.ts';
import { SAMPLE_SCRIPT } from './samples.ts';
import { useStart } from './use-start.ts';

interface VideoItem {
  readonly script: string;
  readonly title: string;
  readonly language: string;
}

export function VideoForm({
  script = '',
  title = '',
}: {
  readonly script?: string;
  readonly title?: string;
}) {
  const text = useText();
  const { id: projectId } = useProject();
  const empty: VideoItem = { script: '', title: '', language: text.language };
  const items = useItems(empty, { ...empty, script, title });
  const [maxAttempts, setMaxAttempts] = useState('');
  const count = items.all.length;
  const place = (index: number, field: string): string => itemField(count, index, field);
  const start = useStart({
    projectId,
    text,
    content: { items: items.all, maxAttempts },
    check: () =>
      collectFaults({
        ...Object.fromEntries(
          items.all.flatMap((item, index) => [
            [place(index, 'script'), checkScript(item.script)],
            [place(index, 'title'), checkTitle(item.title)],
          ]),
        ),
        maxAttempts: count === 1 ? checkNumber(maxAttempts, 1, MOST_ATTEMPTS) : null,
      }),
    send: (idempotencyKey) => send(projectId, items.all, maxAttempts, idempotencyKey),
  });
  return (
    <FormFrame count={count} start={start}>
      <ItemList items={items}>
        {(item, index) => {
          const set = (field: keyof VideoItem) => (value: string) => {
            start.clear(place(index, field));
            items.change(index, { [field]: value });
          };
          const fault = (field: keyof VideoItem) => start.faults[place(index, field)];
          return (
            <>
              <TextArea
                code
                fault={fault('script')}
                hint={text('form.scriptHint')}
                label={text('form.script')}
                onChange={set('script')}
                rows={count > 1 ? 6 : 11}
                sample={SAMPLE_SCRIPT[item.language === 'ko' ? 'ko' : 'en']}
                value={item.script}
              />
              <ScriptOutline script={item.script} />
              <div className="field-row">
                <TextField
                  fault={fault('title')}
                  label={text('form.titleField')}
                  onChange={set('title')}
                  optional
                  value={item.title}
                />
                <LanguageField fault={fault('language')} onChange={set('language')} value={item.language} />
              </div>
            </>
          );
        }}
      </ItemList>
      {count === 1 && (
        <NumberField
          fault={start.faults['maxAttempts']}
          label={text('form.maxAttempts')}
          onChange={setMaxAttempts}
          optional
          placeholder="3"
          value={maxAttempts}
        />
      )}
    </FormFrame>
  );
}

async function send(
  projectId: string,
  items: readonly VideoItem[],
  maxAttempts: string,
  idempotencyKey: string,
): Promise<string> {
  const [first, ...others] = items.map((item) => ({ ...item, title: item.title.trim() || null }));
  if (first !== undefined && others.length === 0) {
    const most = maxAttempts.trim() === '' ? null : Number(maxAttempts);
    const input = { projectId, ...first, maxAttempts: most, idempotencyKey };
    return (await request(GenerateVideoDocument, { input })).started.id;
  }
  const input = { projectId, items: [...(first ? [first] : []), ...others], idempotencyKey };
  return (await request(GenerateVideoBatchDocument, { input })).started.id;
}

function ScriptOutline({ script }: { readonly script: string }) {
  const text = useText();
  const outline = useMemo(() => outlineScript(script), [script]);
  if (outline.lines === 0) return null;
  return (
    <p className="outline">
      {text('form.outline', { scenes: outline.scenes, lines: outline.lines })}
      {outline.speakers.map((name) => (
        <span className="speaker" key={name}>
          {name}
        </span>
      ))}
    </p>
  );
}
