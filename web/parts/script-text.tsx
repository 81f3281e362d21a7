/** A script as it reads: scene headings, who speaks, what is said. */
import { parseScript } from '../../media/script.ts';

export function ScriptText({ text }: { readonly text: string }) {
  const { scenes } = parseScript(text);
  return (
    <div className="script">
      {scenes.map((scene) => (
        <section key={scene.lines[0]?.sourceLine}>
          {scene.heading !== '' && <h3>{scene.heading}</h3>}
          {scene.lines.map((line) => (
            <p className="speech" key={line.sourceLine}>
              {line.speaker !== null && <b>{line.speaker}</b>} {line.text}
            </p>
          ))}
        </section>
      ))}
    </div>
  );
}
