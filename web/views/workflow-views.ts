/** The workflows that this page knows more about: icons, and forms in both languages with samples. */
import type { Language } from '../state/settings.ts';
import { SAMPLE_BRIEF, SAMPLE_SCRIPT, SAMPLE_TEXT } from './samples.ts';
import { checkScript, ScriptOutline } from './script-outline.tsx';
import type { FieldView, WorkflowView } from './view.ts';

const LANGUAGE: FieldView = {
  label: 'form.language',
  help: null,
  options: [
    { value: 'en', label: 'English' },
    { value: 'ko', label: '한국어' },
  ],
  initial: (language) => language,
};

const TITLE: FieldView = { label: 'form.titleField', help: null };

const sampleOf =
  (samples: Readonly<Record<Language, string>>): NonNullable<FieldView['sample']> =>
  ({ language }) =>
    samples[language === 'ko' ? 'ko' : 'en'];

const VIEWS: Readonly<Record<string, WorkflowView>> = {
  DIRECTOR: {
    icon: 'M4 6.500h11v11H4zM15 10.500l5-3v9l-5-3',
    fields: {
      script: {
        ...{ label: 'form.script', placeholder: 'form.scriptHint', help: null },
        ...{ code: true, rows: 11, sample: sampleOf(SAMPLE_SCRIPT), check: checkScript, Note: ScriptOutline },
      },
      format: { label: 'form.format', placeholder: 'form.formatAuto', help: null },
      title: TITLE,
      language: LANGUAGE,
    },
  },
  AUDIO: {
    icon: 'M5 10v4M8.500 7v10M12 4v16M15.500 8v8M19 10.500v3',
    fields: {
      text: { label: 'form.text', help: null, sample: sampleOf(SAMPLE_TEXT) },
      voice: { label: 'form.voice', help: null },
      language: LANGUAGE,
      minSimilarity: { label: 'form.minSimilarity', help: null },
      maxTries: { label: 'form.maxTries', help: null },
    },
  },
  WRITER: {
    icon: 'M5 19l1-4L16.500 4.500l3 3L9 18zM14 7l3 3',
    fields: {
      brief: { label: 'form.brief', help: null, sample: sampleOf(SAMPLE_BRIEF) },
      title: TITLE,
      language: LANGUAGE,
      scenes: { label: 'form.scenes', placeholder: 'form.auto', help: null },
    },
  },
  LIPSYNC: {
    icon: 'M3 12c3-4 5-5 6.500-4 1 .7 1.500 1 2.500 1s1.500-.3 2.500-1c1.500-1 3.500 0 6.500 4-3 4.500-6 6-9 6s-6-1.500-9-6zM4 12h16',
    fields: {
      audioJobId: { label: 'form.speech', help: null },
      character: { label: 'form.character', placeholder: 'form.characterHint', help: null },
    },
  },
};

/** A box, for a workflow that has no icon here. */
const ANY_ICON =
  'M12 3.500l7.500 4.250v8.500L12 20.500l-7.500-4.250v-8.500zM12 12l7.500-4.250M12 12v8.500M12 12L4.500 7.750';

export function iconOf(workflow: string): string {
  return viewOf(workflow)?.icon ?? ANY_ICON;
}

export function fieldViewOf(workflow: string, field: string): FieldView {
  const fields = viewOf(workflow)?.fields ?? {};
  return (Object.hasOwn(fields, field) && fields[field]) || {};
}

function viewOf(workflow: string): WorkflowView | undefined {
  return Object.hasOwn(VIEWS, workflow) ? VIEWS[workflow] : undefined;
}
