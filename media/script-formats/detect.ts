/** Detects the format that a text is written in. */

import { isCharacter } from './fountain.ts';
import type { ScriptFormat } from './model.ts';

const SRT = /^[ \t]*\d{1,6}[ \t]*\r?\n[ \t]*(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}\s*-->/m;
const HTML_BLOCK = /<\/(?:p|div|h[1-6]|ul|ol|li|table|body|html|article|section|blockquote)\s*>/i;
const MARKDOWN = [
  /\*\*[^*\s][^*\n]{0,200}\*\*/,
  /__[^_\s][^_\n]{0,200}__/,
  /^```/m,
  /^\|.+\|\s*$/m,
  /\[[^\][\n]{1,200}\]\(https?:/,
  /^(?:-{3,}|\*{3,}|_{3,})\s*$/m,
  /^>\s/m,
];

/** Detects a script's format; the fallback is plain. */
export function detectFormat(text: string): ScriptFormat {
  if (/^\ufeff?WEBVTT(?:\s|$)/.test(text)) return 'vtt';
  if (SRT.test(text)) return 'srt';
  if (/^\ufeff?\s*</.test(text) && HTML_BLOCK.test(text)) return 'html';
  if (isFountain(text)) return 'fountain';
  return MARKDOWN.some((mark) => mark.test(text)) || hasList(text) ? 'markdown' : 'plain';
}

/** Whether there are two bullets, or two numbers. */
function hasList(text: string): boolean {
  const bullets = text.match(/^[ \t]{0,8}[-*+•][ \t]+\S/gm)?.length ?? 0;
  const numbers = text.match(/^[ \t]{0,8}\d{1,2}[.)][ \t]+\S/gm)?.length ?? 0;
  return bullets >= 2 || numbers >= 2;
}

/** A scene heading, or two names in capitals that stand alone above what they say; `NAME: text` is not Fountain. */
function isFountain(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const cues = lines.filter((line) => /^[\p{L}][\p{L}\p{N} .'’-]{0,40}[:：]\s*\S/u.test(line)).length;
  const alone = lines.filter((line, index) => line !== '' && (lines[index - 1] ?? '') === '');
  const scenes = alone.filter((line) => /^(?:INT|EXT|EST|INT\.?\/EXT|I\/E)[. ]\s?\S/.test(line)).length;
  const names = lines.filter((line, index) => isNameAbove(line, lines[index - 1], lines[index + 1])).length;
  const hasTitlePage = /^\ufeff?(?:title|credit|author|draft date)\s*:/i.test(text);
  if (scenes > 0 && (names > 0 || cues <= 1)) return true;
  return (names >= 2 && names > cues) || (hasTitlePage && names > 0);
}

function isNameAbove(line: string, above = '', below = ''): boolean {
  return line.length > 1 && above === '' && below !== '' && !/^[#[(>]/.test(line) && isCharacter(line);
}
