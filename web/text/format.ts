/** Times, places, sizes and shares as people read them. Pure. */
import type { Language } from '../state/settings.ts';

const UNITS = { en: { h: ' h', m: ' min', s: ' s' }, ko: { h: '시간', m: '분', s: '초' } } as const;

/** `42 s`, `1 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number, language: Language): string {
  const units = UNITS[language];
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h > 0) return `${h}${units.h}${m > 0 ? ` ${m}${units.m}` : ''}`;
  if (m > 0) return `${m}${units.m}${s > 0 ? ` ${s}${units.s}` : ''}`;
  return `${s}${units.s}`;
}

/** Like `formatDuration`, but with tenths below 10 s, for measured times. */
export function formatSeconds(seconds: number, language: Language): string {
  return seconds < 9.95 ? `${seconds.toFixed(1)}${UNITS[language].s}` : formatDuration(seconds, language);
}

/** The ends of measured times: `0.3–1.2 s`, `48 s – 1 min 20 s`. */
export function formatSpread(low: number, high: number, language: Language): string {
  if (high >= 9.95) return formatRange(low, high, language);
  const [from, to] = [low.toFixed(1), high.toFixed(1)];
  return `${from === to ? to : `${from}–${to}`}${UNITS[language].s}`;
}

/** A range in a single unit if both ends fit it: `7–11 s`, `9–13 min`, `45 s – 2 min`. */
export function formatRange(low: number, high: number, language: Language): string {
  const units = UNITS[language];
  if (high < 59.5) return joined(Math.round(low), Math.round(high), units.s);
  if (low >= 59.5 && high < 3600) return joined(Math.round(low / 60), Math.round(high / 60), units.m);
  const rough = (seconds: number): string => formatDuration(roughly(seconds), language);
  return `${rough(low)} – ${rough(high)}`;
}

function joined(low: number, high: number, unit: string): string {
  return low === high ? `${low}${unit}` : `${low}–${high}${unit}`;
}

/** Rounds to the precision that a prediction deserves: to minutes from two minutes on, to 5 s from half a minute on. */
export function roughly(seconds: number): number {
  if (seconds >= 120) return Math.round(seconds / 60) * 60;
  return seconds >= 30 ? Math.round(seconds / 5) * 5 : Math.round(seconds);
}

/** `0:42`, `12:05`, `1:02:03`: for running clocks. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `${h > 0 ? String(m).padStart(2, '0') : m}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Whole percent; 100 only if complete. */
export function formatPercent(share: number): string {
  const percent = Math.round(share * 100);
  return `${share < 1 ? Math.min(percent, 99) : percent}%`;
}

export function formatCost(usd: number): string {
  return usd === 0 ? '$0' : `$${usd.toFixed(usd < 0.1 ? 3 : 2)}`;
}

/** The time for today, otherwise the date as well. */
export function formatMoment(iso: string, language: Language, now: number): string {
  const date = new Date(iso);
  const today = new Date(now).toDateString() === date.toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return date.toLocaleString(language, today ? time : { ...time, month: 'short', day: 'numeric' });
}

/** The full date and time, with seconds and time zone. */
export function formatWhole(iso: string, language: Language): string {
  return new Date(iso).toLocaleString(language, { dateStyle: 'full', timeStyle: 'long' });
}

/** `1st`, `22nd`, `113th`. */
export function formatPlace(place: number, language: Language): string {
  if (language === 'ko') return `${place}번째`;
  const rule = ORDINALS.select(place);
  return `${place}${ORDINAL_ENDS[rule] ?? 'th'}`;
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const ORDINAL_ENDS: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = {
  one: 'st',
  two: 'nd',
  few: 'rd',
};

/** With seconds and tenths, for logs. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  const part = (value: number, length = 2): string => String(value).padStart(length, '0');
  const tenths = Math.floor(date.getMilliseconds() / 100);
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${tenths}`;
}

/** The end of an id, since ids begin with the time and so look much alike. */
export function shortId(id: string): string {
  return id.slice(-6);
}
