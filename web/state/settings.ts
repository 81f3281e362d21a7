/** The user's choices, kept in the browser: language, theme, projects. */
import { createValue, type Value } from './value.ts';

export type Language = 'en' | 'ko';
export type Theme = 'auto' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const MAX_RECENT = 8;
export const FIRST_PROJECT = 'demo';

export const language: Value<Language> = createValue(firstLanguage());
export const theme: Value<Theme> = createValue(firstTheme());
export const recentProjects: Value<readonly string[]> = createValue(firstProjects());

export function setLanguage(value: Language): void {
  write('language', value);
  document.documentElement.lang = value;
  language.set(value);
}

export function setTheme(value: Theme): void {
  write('theme', value);
  if (value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = value;
  theme.set(value);
}

export function nextTheme(value: Theme): Theme {
  return THEMES[(THEMES.indexOf(value) + 1) % THEMES.length] ?? 'auto';
}

/** Moves a project to the front of the recently viewed ones. */
export function noteProject(id: string): void {
  const others = recentProjects.get().filter((other) => other !== id);
  const projects = [id, ...others].slice(0, MAX_RECENT);
  write('projects', projects.join(' '));
  recentProjects.set(projects);
}

/** The same check as the server's. */
export function isProjectId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

function firstLanguage(): Language {
  const kept = read('language');
  if (kept === 'en' || kept === 'ko') return kept;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

function firstTheme(): Theme {
  const kept = read('theme');
  return THEMES.find((name) => name === kept) ?? 'auto';
}

function firstProjects(): readonly string[] {
  const kept = (read('projects') ?? '').split(' ').filter(isProjectId);
  return kept.length > 0 ? kept : [FIRST_PROJECT];
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(`playhead.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`playhead.${name}`, value);
  } catch {
    // Storage is blocked: the choice holds until the page is left.
  }
}
