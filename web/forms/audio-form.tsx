/** Starts verified speech, or several pieces as a batch. */
import { useState } from 'react';
import { request } from '../api/request.ts';
import { GenerateAudioBatchDocument, GenerateAudioDocument } from '../generated/graphql.ts';
import { useProject } from '../state/project-context.ts';
import { useText } from '../text/use-text.ts';
import { LanguageField, NumberField, TextArea, TextField } from './fields.tsx';
import { FormFrame } from './form-frame.tsx';
import { checkNumber, checkText, collectFaults } from './input-checks.ts';
import { ItemList } from './item-list.tsx';
import { itemField, useItems } from './items.ts';
import { SAMPLE_TEXT } from './samples.ts';
import { useStart } from './use-start.ts';

interface AudioItem {
  readonly text: string;
  readonly voice: string;
  readonly language: string;
}

interface Quality {
  readonly minSimilarity: string;
  readonly maxTries: string;
}

const MOST_TRIES = 10;

export function AudioForm() {
  const text = useText();
  const { id: projectId } = useProject();
  const items = useItems<AudioItem>({ text: '', voice: '', language: text.language });
  const [quality, setQuality] = useState<Quality>({ minSimilarity: '', maxTries: '' });
  const count = items.all.length;
  const place = (index: number, field: string): string => itemField(count, index, field);
  const start = useStart({
    projectId,
    text,
    content: { items: items.all, quality },
    check: () =>
      collectFaults({
        ...Object.fromEntries(items.all.map((item, index) => [place(index, 'text'), checkText(item.text)])),
        minSimilarity: checkNumber(quality.minSimilarity, 0, 1, false),
        maxTries: checkNumber(quality.maxTries, 1, MOST_TRIES),
      }),
    send: (idempotencyKey) => send(projectId, items.all, quality, idempotencyKey),
  });
  const faults = liftQuality(start.faults);
  return (
    <FormFrame count={count} start={start}>
      <ItemList items={items}>
        {(item, index) => {
          const set = (field: keyof AudioItem) => (value: string) => {
            start.clear(place(index, field));
            items.change(index, { [field]: value });
          };
          const fault = (field: keyof AudioItem) => start.faults[place(index, field)];
          return (
            <>
              <TextArea
                fault={fault('text')}
                label={text('form.text')}
                onChange={set('text')}
                rows={count > 1 ? 3 : 6}
                sample={SAMPLE_TEXT[item.language === 'ko' ? 'ko' : 'en']}
                value={item.text}
              />
              <div className="field-row">
                <TextField
                  fault={fault('voice')}
                  label={text('form.voice')}
                  onChange={set('voice')}
                  optional
                  placeholder={text('form.voiceHint')}
                  value={item.voice}
                />
                <LanguageField fault={fault('language')} onChange={set('language')} value={item.language} />
              </div>
            </>
          );
        }}
      </ItemList>
      <div className="field-row">
        <NumberField
          fault={faults['minSimilarity']}
          label={text('form.minSimilarity')}
          onChange={(minSimilarity) => setQuality({ ...quality, minSimilarity })}
          optional
          placeholder="0.9"
          step={0.01}
          value={quality.minSimilarity}
        />
        <NumberField
          fault={faults['maxTries']}
          label={text('form.maxTries')}
          onChange={(maxTries) => setQuality({ ...quality, maxTries })}
          optional
          placeholder="3"
          value={quality.maxTries}
        />
      </div>
    </FormFrame>
  );
}

/** The quality is the same for all items, so what the server says of any item's is shown at the one field. */
function liftQuality<T>(faults: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(faults).map(([field, fault]) => [field.replace(/^items\.\d+\./, ''), fault]),
  );
}

async function send(
  projectId: string,
  items: readonly AudioItem[],
  quality: Quality,
  idempotencyKey: string,
): Promise<string> {
  const number = (value: string): number | null => (value.trim() === '' ? null : Number(value));
  const all = items.map((item) => ({
    ...item,
    voice: item.voice.trim() || null,
    minSimilarity: number(quality.minSimilarity),
    maxTries: number(quality.maxTries),
  }));
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0) {
    return (await request(GenerateAudioDocument, { input: { projectId, ...first, idempotencyKey } })).started
      .id;
  }
  return (await request(GenerateAudioBatchDocument, { input: { projectId, items: all, idempotencyKey } }))
    .started.id;
}
