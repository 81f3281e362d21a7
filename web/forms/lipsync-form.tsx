/** Starts the lip sync of finished speech. */
import { useEffect, useState } from 'react';
import { startOf } from '../../src/core/text.ts';
import { request } from '../api/request.ts';
import { FinishedSpeechDocument, type FinishedSpeechQuery, SyncLipsDocument } from '../generated/graphql.ts';
import { useProject } from '../state/project-context.ts';
import { formatClock, formatMoment } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { SelectField, TextField } from './fields.tsx';
import { FormFrame } from './form-frame.tsx';
import { useStart } from './use-start.ts';

type Speech = FinishedSpeechQuery['jobs']['edges'][number]['node'];

export function LipsyncForm({ audioJobId = '' }: { readonly audioJobId?: string }) {
  const text = useText();
  const { id: projectId } = useProject();
  const speeches = useSpeeches(projectId);
  const [chosen, setChosen] = useState(audioJobId);
  const [character, setCharacter] = useState('');
  const job = chosen || (speeches?.[0]?.id ?? '');
  const start = useStart({
    projectId,
    text,
    content: { job, character },
    check: () => (job === '' ? { audioJobId: { key: 'form.required' } } : {}),
    send: async (idempotencyKey) => {
      const input = { projectId, audioJobId: job, character: character.trim() || null, idempotencyKey };
      return (await request(SyncLipsDocument, { input })).started.id;
    },
  });
  const none = speeches?.length === 0 && audioJobId === '';
  return (
    <FormFrame disabled={none} start={start}>
      {none && <p className="hint">{text('form.noSpeech')}</p>}
      <SelectField
        fault={start.faults['audioJobId']}
        label={text('form.speech')}
        onChange={setChosen}
        options={options(speeches ?? [], job, text.language)}
        value={job}
      />
      <TextField
        fault={start.faults['character']}
        label={text('form.character')}
        onChange={setCharacter}
        optional
        placeholder={text('form.characterHint')}
        value={character}
      />
    </FormFrame>
  );
}

/** Null while it is not known. */
function useSpeeches(projectId: string): readonly Speech[] | null {
  const [speeches, setSpeeches] = useState<readonly Speech[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    request(FinishedSpeechDocument, { projectId }, stop.signal).then(
      ({ jobs }) => setSpeeches(jobs.edges.map(({ node }) => node)),
      // The server says more when the form is sent.
      () => {},
    );
    return () => stop.abort();
  }, [projectId]);
  return speeches;
}

function options(speeches: readonly Speech[], chosen: string, language: 'en' | 'ko') {
  const known = speeches.map(({ id, createdAt, result }) => {
    const spoken = result !== null && 'transcript' in result ? result : null;
    const title =
      spoken === null ? id : `${startOf(spoken.transcript, 60)} (${formatClock(spoken.totalDuration)})`;
    return { value: id, label: `${formatMoment(createdAt, language, Date.now())}  ${title}` };
  });
  const missing = chosen !== '' && !known.some(({ value }) => value === chosen);
  return missing ? [{ value: chosen, label: chosen }, ...known] : known;
}
