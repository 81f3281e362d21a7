/** Types for the used parts of packages that come without any. */

declare module '@echogarden/espeak-ng-emscripten' {
  export interface EspeakEvent {
    readonly type: string;
    /** Milliseconds. */
    readonly audio_position: number;
    /** For `phoneme`: its IPA symbol. */
    readonly id?: string | number;
  }
  export interface EspeakWorker {
    set_voice(name: string, language: string, gender: number, age: number, variant: number): number;
    set_rate(wordsPerMinute: number): void;
    set_pitch(pitch: number): void;
    get_samplerate(): number;
    synthesize(
      text: string,
      onAudio: (audio: Int16Array | null, events: readonly EspeakEvent[]) => void,
    ): void;
  }
  const initialize: () => Promise<{ readonly eSpeakNGWorker: new () => EspeakWorker }>;
  // biome-ignore lint/style/noDefaultExport: the package exports it so
  export default initialize;
}

declare module 'rhubarb-lip-sync-wasm/dist/wasm/rhubarb.js' {
  export interface RhubarbModule {
    getLipSync(
      pcm: Buffer,
      dialogText: string,
    ): {
      readonly mouthCues: readonly { readonly start: number; readonly end: number; readonly value: string }[];
    };
  }
  const load: (options: {
    readonly locateFile: (name: string) => string;
    readonly print: (line: string) => void;
    readonly printErr: (line: string) => void;
  }) => Promise<RhubarbModule>;
  // biome-ignore lint/style/noDefaultExport: the package exports it so
  export default load;
}
