/** What a person sees: the output of a pseudo-terminal, drawn by the emulator of xterm.js. */
import xterm from '@xterm/headless';
import { TERMINAL } from './playhead.ts';

/** The lines of the screen, without what has scrolled away and without empty lines at the end. */
export async function screenOf(output: string): Promise<readonly string[]> {
  const terminal = new xterm.Terminal({ ...TERMINAL, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: TERMINAL.rows }, (_, row) =>
    (active.getLine(active.baseY + row)?.translateToString(true) ?? '').trimEnd(),
  );
  terminal.dispose();
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
