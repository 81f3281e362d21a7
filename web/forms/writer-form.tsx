/** Starts the writing of a script. */
import { useState } from 'react';
import { request } from '../api/request.ts';
import { WriteScriptDocument } from '../generated/graphql.ts';
import { useProject } from '../state/project-context.ts';
import { useText } from '../text/use-text.ts';
import { LanguageField, NumberField, TextArea, TextField } from './fields.tsx';
import { FormFrame } from './form-frame.tsx';
import { checkNumber, checkText, checkTitle, collectFaults } from './input-checks.ts';
import { SAMPLE_BRIEF } from './samples.ts';
import { useStart } from './use-start.ts';

const MOST_SCENES = 50;

export function WriterForm() {
  const text = useText();
  const { id: projectId } = useProject();
  const [values, setValues] = useState({
    brief: '',
    title: '',
    language: text.language as string,
    scenes: '',
  });
  const start = useStart({
    projectId,
    text,
    content: values,
    check: () =>
      collectFaults({
        brief: checkText(values.brief),
        title: checkTitle(values.title),
        scenes: checkNumber(values.scenes, 1, MOST_SCENES),
      }),
    send: async (idempotencyKey) => {
      const { brief, language } = values;
      const title = values.title.trim() || null;
      const scenes = values.scenes.trim() === '' ? null : Number(values.scenes);
      const input = { projectId, brief, title, language, scenes, idempotencyKey };
      return (await request(WriteScriptDocument, { input })).started.id;
    },
  });
  const set = (field: keyof typeof values) => (value: string) => {
    start.clear(field);
    setValues((now) => ({ ...now, [field]: value }));
  };
  return (
    <FormFrame start={start}>
      <TextArea
        fault={start.faults['brief']}
        label={text('form.brief')}
        onChange={set('brief')}
        rows={6}
        sample={SAMPLE_BRIEF[values.language === 'ko' ? 'ko' : 'en']}
        value={values.brief}
      />
      <TextField
        fault={start.faults['title']}
        label={text('form.titleField')}
        onChange={set('title')}
        optional
        value={values.title}
      />
      <div className="field-row">
        <NumberField
          fault={start.faults['scenes']}
          label={text('form.scenes')}
          onChange={set('scenes')}
          optional
          placeholder={text('form.auto')}
          value={values.scenes}
        />
        <LanguageField fault={start.faults['language']} onChange={set('language')} value={values.language} />
      </div>
    </FormFrame>
  );
}
