/** WebVTT subtitles (https://www.w3.org/TR/webvtt1/): the text is literal, whatever it contains, and broken as in the film. */
import type { ClipCue } from '../clip-plan.ts';

/** Writes cues, in order, as a WebVTT file with the speaker as a voice span. */
export function writeWebVtt(cues: readonly ClipCue[], language: string): string {
  const blocks = cues.map((cue, index) => {
    const times = `${formatTime(cue.startSeconds)} --> ${formatTime(cue.endSeconds)}`;
    return `${index + 1}\n${times}\n<v ${escapeVoice(cue.speaker)}>${escapeVtt(cue.lines.join('\n'))}</v>\n`;
  });
  return ['WEBVTT\n', `NOTE language: ${language}\n`, ...blocks].join('\n');
}

/** `&`, `<` and `>` are written as character references; that also breaks up any `-->`. */
function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeVoice(name: string): string {
  return escapeVtt(name.replaceAll(/\s+/g, ' '));
}

/** `hh:mm:ss.mmm` */
export function formatTime(seconds: number): string {
  const totalMs = Math.round(seconds * 1000);
  const part = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const [hours, minutes] = [Math.floor(totalMs / 3_600_000), Math.floor(totalMs / 60_000) % 60];
  return `${part(hours, 2)}:${part(minutes, 2)}:${part(Math.floor(totalMs / 1000) % 60, 2)}.${part(totalMs % 1000, 3)}`;
}
