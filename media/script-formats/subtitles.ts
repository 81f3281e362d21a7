/** Subtitle files, SRT and WebVTT: speech with the time at which it should be said. */
import { readCue } from './cue.ts';
import { splitDirections } from './directions.ts';
import type { ScriptBuilder } from './script-builder.ts';

const TIMES =
  /^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})/;
/** Cues separated by a longer silence are separate lines. */
const JOINED_GAP_SECONDS = 0.8;
const JOINED_LIMIT_CHARS = 300;

interface SubtitleLine {
  readonly sourceLine: number;
  readonly speaker: string | null;
  readonly startSeconds: number;
  endSeconds: number;
  text: string;
}

/** Reads SRT or WebVTT. A cue whose times cannot be read is omitted with a warning. */
export function readSubtitles(source: string, builder: ScriptBuilder): void {
  const joined: SubtitleLine[] = [];
  for (const block of blocksOf(source)) {
    if (/^(?:WEBVTT|NOTE|STYLE|REGION)\b/.test(block.lines[0] ?? '')) continue;
    const at = block.lines.findIndex((line) => line.includes('-->'));
    const times = TIMES.exec(block.lines[at]?.trim() ?? '');
    if (times === null) {
      builder.warn(block.sourceLine, 'times');
      continue;
    }
    const start = secondsOf(times.slice(1, 5));
    const end = secondsOf(times.slice(5, 9));
    for (const line of saidIn(block.lines.slice(at + 1), block.sourceLine + at + 1, builder)) {
      join(joined, { ...line, startSeconds: start, endSeconds: end });
    }
  }
  for (const { sourceLine, speaker, text, startSeconds } of joined) {
    builder.addLine({ sourceLine, speaker, text, wishSeconds: startSeconds });
  }
}

function blocksOf(source: string): { lines: string[]; sourceLine: number }[] {
  const blocks: { lines: string[]; sourceLine: number }[] = [];
  let open: { lines: string[]; sourceLine: number } | undefined;
  const lines = source
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') open = undefined;
    else if (open !== undefined) open.lines.push(line);
    else {
      open = { lines: [line], sourceLine: index + 1 };
      blocks.push(open);
    }
  }
  return blocks;
}

function secondsOf([hours = '0', minutes = '0', seconds = '0', fraction = '0']: readonly string[]): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(`0.${fraction}`);
}

interface Said {
  readonly sourceLine: number;
  readonly speaker: string | null;
  text: string;
}

/** The lines of a cue by speaker: `<v Anna>`, `ANNA: …`, or a dash for each of two. */
function saidIn(lines: readonly string[], sourceLine: number, builder: ScriptBuilder): Said[] {
  const said: Said[] = [];
  for (const [index, raw] of lines.entries()) {
    const line = readLine(raw, sourceLine + index, builder);
    if (line === undefined) continue;
    const last = said.at(-1);
    const goesOn =
      last !== undefined && !line.isDashed && (line.speaker === null || line.speaker === last.speaker);
    if (goesOn) last.text += ` ${line.text}`;
    else said.push({ sourceLine: sourceLine + index, speaker: line.speaker, text: line.text });
  }
  return said;
}

/** Undefined if nothing is said. */
function readLine(raw: string, sourceLine: number, builder: ScriptBuilder) {
  const voice = /<v(?:\.[\w.]+)?\s+([^>]{1,60})>/.exec(raw)?.[1]?.trim();
  const line = decode(raw.replaceAll(/<[^>]{0,80}>|\{\\[^}]{0,80}\}/g, '')).trim();
  if (/^[♪♫#]|[♪♫]$/.test(line)) {
    builder.addDirection(sourceLine, line.replaceAll(/[♪♫#]/g, '').trim());
    return undefined;
  }
  const body = line.replace(/^[-–—]\s?/, '').replace(/^>{2,3}\s?/, '');
  const cue = readCue(body);
  const speech = cue?.kind === 'speech' ? cue : undefined;
  const { text, directions } = splitDirections(speech ? body.slice(body.search(/[:：]/u) + 1) : body);
  for (const direction of directions) builder.addDirection(sourceLine, direction);
  if (text === '') return undefined;
  return { text, speaker: voice ?? speech?.speaker ?? null, isDashed: /^[-–—]\s?\S/.test(line) };
}

/** A sentence that continues in the next cue is one line. */
function join(lines: SubtitleLine[], next: SubtitleLine): void {
  const last = lines.at(-1);
  const goesOn =
    last !== undefined &&
    !/[.!?…。！？]["'”’)]?$/u.test(last.text) &&
    next.startSeconds - last.endSeconds < JOINED_GAP_SECONDS &&
    (next.speaker === null || next.speaker === last.speaker) &&
    last.text.length + next.text.length < JOINED_LIMIT_CHARS;
  if (!goesOn) {
    lines.push(next);
    return;
  }
  last.text += ` ${next.text}`;
  last.endSeconds = next.endSeconds;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': ' ',
  '&lrm;': '',
  '&rlm;': '',
};

function decode(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity);
}
