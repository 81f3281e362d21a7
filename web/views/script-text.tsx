/** A script set for reading: scene headings, speakers and their lines. */
import { outlineScript } from './script.ts';

export function ScriptText({ text }: { readonly text: string }) {
  const scenes = outlineScript(text) ?? [];
  return (
    <div className="script">
      {scenes.map((scene, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a script does not change
        <section key={number}>
          {scene.heading !== '' && <h3>{scene.heading}</h3>}
          {scene.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nor does a scene
            <p className="speech" key={index}>
              {line.speaker !== null && <b>{line.speaker}</b>} {line.text}
            </p>
          ))}
        </section>
      ))}
    </div>
  );
}
