/** Icons, drawn on a 24 x 24 grid. They carry no meaning alone: it is written beside them or in a label. */
import type { ReactNode } from 'react';
import { iconOf } from '../views/workflow-views.ts';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg aria-hidden="true" className="icon" viewBox="0 0 24 24">
      {children}
    </svg>
  );
}

export function Logo() {
  return (
    <svg aria-hidden="true" className="logo" viewBox="0 0 32 32">
      <path className="logo-done" d="M3 20.500h11v5H3z" />
      <path className="logo-rest" d="M18 20.500h11v5H18z" />
      <path className="logo-head" d="M10 4h12v6l-5 5v14h-2V15l-5-5z" />
    </svg>
  );
}

export function WorkflowIcon({ workflow }: { readonly workflow: string }) {
  return (
    <Icon>
      <path d={iconOf(workflow)} />
    </Icon>
  );
}

const PATHS = {
  add: 'M12 5v14M5 12h14',
  again: 'M7 5l11 7-11 7zM4 5v14',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM15 6V4H5v11h2',
  down: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  chart: 'M4 20h16M7 16v-5M12 16V5M17 16v-8',
  chevron: 'M6 9l6 6 6-6',
  more: 'M5 12h.5M12 12h.5M19 12h.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.8-4 3.800-6 7.500-6s6.700 2 7.500 6',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  share: 'M12 15V4M8 8l4-4 4 4M6 12H5v8h14v-8h-1',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  table: 'M4 6h16M4 12h16M4 18h16',
  retry: 'M19 12a7 7 0 1 1-2.100-5M19 3v5h-5',
  webhook: 'M14 5l6 7-6 7M20 12H9M4 7v10',
  warning: 'M12 4l9 16H3zM12 10v5M12 17.500v.5',
  'theme-auto': 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  'theme-light':
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5',
  'theme-dark': 'M20 14.500A8.500 8.500 0 1 1 9.500 4 7 7 0 0 0 20 14.500z',
} as const;

export function Glyph({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <Icon>
      <path d={PATHS[name]} />
    </Icon>
  );
}
