/**
 * Burned-in captions as an ASS file for libass: a rounded plate, the speaker's name in their colour, one or two lines of
 * text, each placed by measured widths. Nothing in a caption's text is ever read as ASS syntax.
 */
import { createCanvas } from '@napi-rs/canvas';
import { type ClipCue, FRAME_HEIGHT_PX, FRAME_WIDTH_PX } from './clip-plan.ts';
import { fontOf, registerFonts } from './drawing/fonts.ts';
import { wrapText } from './drawing/text-layout.ts';

export interface CaptionRequest {
  readonly cues: readonly ClipCue[];
}
export interface CaptionLayout {
  /** The ASS file's text. */
  readonly ass: string;
}

const TEXT_PX = 32;
const NAME_PX = 22;
const LINE_PX = 43;
const TEXT_WIDTH_PX = 920;
/** Where the plate ends, from the frame's top. */
const PLATE_BOTTOM = 690;
/** libass sizes fonts by ascent and descent together; Noto Sans KR has 1160 + 288 per 1000. */
const ASS_SIZE_PER_PX = 1.448;

const HEADER = `[Script Info]
ScriptType: v4.00+
PlayResX: ${FRAME_WIDTH_PX}
PlayResY: ${FRAME_HEIGHT_PX}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Text,Noto Sans KR,${(TEXT_PX * ASS_SIZE_PER_PX).toFixed(1)},&H00F2F8FF,&H00F2F8FF,&H00200F14,&H80000000,-1,0,0,0,100,100,0,0,1,0,0,5,0,0,0,1
Style: Name,Noto Sans KR,${(NAME_PX * ASS_SIZE_PER_PX).toFixed(1)},&H00F2F8FF,&H00F2F8FF,&H00200F14,&H80000000,-1,0,0,0,100,100,0,0,1,0,0,5,0,0,0,1
Style: Plate,Noto Sans KR,20,&H3C24101A,&H3C24101A,&H3C24101A,&H3C24101A,0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
`;

/** Lays out captions, in order. Measures text, so it belongs in a worker thread. */
export function layOutCaptions({ cues }: CaptionRequest): CaptionLayout {
  registerFonts();
  const brush = createCanvas(8, 8).getContext('2d');
  const measureAt =
    (sizePx: number) =>
    (text: string): number => {
      brush.font = fontOf(sizePx);
      return brush.measureText(text).width;
    };
  const measureText = measureAt(TEXT_PX);
  const events = cues.flatMap((cue) => {
    const lines = wrapText(displayable(cue.text), TEXT_WIDTH_PX, measureText).slice(0, 4);
    const name = displayable(cue.speaker);
    const width = Math.max(...lines.map(measureText), measureAt(NAME_PX)(name) + 20) + 64;
    return layOutCue(cue, name, lines, Math.min(FRAME_WIDTH_PX - 40, width));
  });
  return { ass: `${HEADER}${events.join('\n')}\n` };
}

function layOutCue(cue: ClipCue, name: string, lines: readonly string[], width: number): string[] {
  const height = 40 + lines.length * LINE_PX + 14;
  const top = PLATE_BOTTOM - height;
  const left = (FRAME_WIDTH_PX - width) / 2;
  const event = (layer: number, style: string, tags: string, text: string): string =>
    `Dialogue: ${layer},${assTime(cue.startSeconds)},${assTime(cue.endSeconds)},${style},,0,0,0,,{${tags}}${text}`;
  const centre = FRAME_WIDTH_PX / 2;
  return [
    event(0, 'Plate', `\\pos(${left.toFixed(1)},${top})\\p1`, `${roundedPlate(width, height, 20)}{\\p0}`),
    event(1, 'Name', `\\pos(${centre},${top + 27})\\c${assColour(cue.colour)}`, escapeAss(name)),
    ...lines.map((line, index) =>
      event(1, 'Text', `\\pos(${centre},${top + 44 + (index + 0.5) * LINE_PX})`, escapeAss(line)),
    ),
  ];
}

/** Drawing commands of a rectangle with round corners (0.45 puts the curves' control points on a circle, nearly). */
function roundedPlate(width: number, height: number, radius: number): string {
  const w = Math.round(width);
  const k = Math.round(radius * 0.45);
  const r = radius;
  return [
    `m ${r} 0 l ${w - r} 0 b ${w - k} 0 ${w} ${k} ${w} ${r}`,
    `l ${w} ${height - r} b ${w} ${height - k} ${w - k} ${height} ${w - r} ${height}`,
    `l ${r} ${height} b ${k} ${height} 0 ${height - k} 0 ${height - r}`,
    `l 0 ${r} b 0 ${k} ${k} 0 ${r} 0`,
  ].join(' ');
}

const WORD_JOINER = '\u2060';

/** Runs of emoji are set in the emoji font, since libass does not look there by itself. */
const EMOJI_RUN = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]+/gu;

/**
 * Makes a text literal in ASS. A backslash gets an invisible word joiner behind it, so that `\N`, `\h` and `\{` are no
 * commands; a brace opens an override block only unescaped, so braces are escaped.
 */
export function escapeAss(text: string): string {
  const literal = text
    .replaceAll('\\', `\\${WORD_JOINER}`)
    .replaceAll('{', '\\{')
    .replaceAll('}', '\\}')
    .replaceAll(/[\r\n]+/g, ' ');
  return literal.replaceAll(EMOJI_RUN, (run) => `{\\fnNoto Emoji}${run}{\\fnNoto Sans KR}`);
}

/**
 * Leaves out what has no shape of its own and only disturbs the layout: direction marks and other invisible controls. Also
 * what changes the emoji before it, since libass sets emoji one by one: joiners, skin tones, variation selectors.
 */
function displayable(text: string): string {
  return text
    .replaceAll(/[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu, '')
    .replaceAll(/(?<=\p{Extended_Pictographic}\ufe0f?)\p{Emoji_Modifier}|\ufe0f/gu, '');
}

/** ASS writes colours as blue, green, red. */
function assColour(colour: string): string {
  return `&H${colour.slice(5, 7)}${colour.slice(3, 5)}${colour.slice(1, 3)}&`.toUpperCase();
}

/** `h:mm:ss.cc` */
function assTime(seconds: number): string {
  const total = Math.max(0, Math.round(seconds * 100));
  const part = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(total / 6000);
  return `${Math.floor(minutes / 60)}:${part(minutes % 60)}:${part(Math.floor(total / 100) % 60)}.${part(total % 100)}`;
}
