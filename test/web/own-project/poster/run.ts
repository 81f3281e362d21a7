import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import type { Json, WorkflowRun } from 'playhead';

interface PosterInput {
  readonly title: string;
  readonly palette: 'dawn' | 'sea';
  readonly width: number;
  readonly framed: boolean;
  readonly tags: readonly string[];
  readonly printer?: unknown;
}

const PALETTES = { dawn: ['#1b1035', '#ff7a59'], sea: ['#0d2b45', '#a7e8bd'] } as const;

export async function run(run: WorkflowRun<PosterInput, 'choose_colours' | 'draw' | 'save_file'>) {
  const { framed, palette, printer, tags, title, width } = run.input;
  const colours = await run.step('choose_colours', 'Choosing colours', async () => [...PALETTES[palette]]);
  const picture = await run.step('draw', 'Drawing', async (step) => {
    const canvas = createCanvas(width, Math.round(width * 0.6));
    const brush = canvas.getContext('2d');
    const sky = brush.createLinearGradient(0, 0, 0, canvas.height);
    for (const [index, colour] of colours.entries()) sky.addColorStop(index, colour);
    brush.fillStyle = sky;
    brush.fillRect(0, 0, canvas.width, canvas.height);
    step.update(0.5, 'Encoding the picture');
    const path = join(run.files.scratch, 'poster.jpg');
    await writeFile(path, await canvas.encode('jpeg'));
    return { ...(await run.files.save('poster.jpg', path)) };
  });
  const order = await run.step('save_file', 'Ordering the print', async () => {
    const path = join(run.files.scratch, 'order.json');
    await writeFile(path, JSON.stringify({ title, tags, printer: printer as Json }));
    return { ...(await run.files.save('order.json', path)) };
  });
  const imprint = `${title}. Printed in two colours on one sheet.\nNo part of it may be folded before it has dried.`;
  return { picture, order, colours, framed, imprint };
}
