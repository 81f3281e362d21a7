/**
 * Burned-in captions as an ASS file for libass: a rounded plate, the speaker's name in the speaker's colour, one or two
 * lines of text, each placed by measured widths. Nothing in a caption's text is ever read as ASS syntax.
 */
import { createCanvas } from '@napi-rs/canvas';
import { type ClipCue, FRAME_HEIGHT_PX, FRAME_WIDTH_PX } from '../clip-plan.ts';
import { registerFonts } from '../drawing/font-registration.ts';
import { fontOf, MAIN_FONT, splitByFont } from '../drawing/fonts.ts';

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
/** Forty-two of the widest letters need more; such lines are set smaller. */
const TEXT_WIDTH_PX = 1_120;
/** The bottom edge of the plate, from the top of the frame. */
const PLATE_BOTTOM = 690;

const HEADER = `[Script Info]
ScriptType: v4.00+
PlayResX: ${FRAME_WIDTH_PX}
PlayResY: ${FRAME_HEIGHT_PX}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Text,${MAIN_FONT.family},${assSize(TEXT_PX)},&H00F2F8FF,&H00F2F8FF,&H00200F14,&H80000000,-1,0,0,0,100,100,0,0,1,0,0,5,0,0,0,1
Style: Name,${MAIN_FONT.family},${assSize(NAME_PX)},&H00F2F8FF,&H00F2F8FF,&H00200F14,&H80000000,-1,0,0,0,100,100,0,0,1,0,0,5,0,0,0,1
Style: Plate,${MAIN_FONT.family},20,&H3C24101A,&H3C24101A,&H3C24101A,&H3C24101A,0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
`;

/** Lays out captions, in order. It measures text, so it belongs in a media process. */
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
    const lines = cue.lines.map(displayable);
    const name = displayable(cue.speaker);
    const textWidth = Math.max(...lines.map(measureText));
    const shrink = Math.min(1, TEXT_WIDTH_PX / textWidth);
    const width = Math.max(textWidth * shrink, measureAt(NAME_PX)(name) + 20) + 64;
    return layOutCue(cue, { name, lines, shrink, width: Math.min(FRAME_WIDTH_PX - 40, width) });
  });
  return { ass: `${HEADER}${events.join('\n')}\n` };
}

interface CueLayout {
  readonly name: string;
  readonly lines: readonly string[];
  /** 0..1, relative to the text's usual size. */
  readonly shrink: number;
  /** The plate's width, in px. */
  readonly width: number;
}

function layOutCue(cue: ClipCue, { name, lines, shrink, width }: CueLayout): string[] {
  const height = 40 + lines.length * LINE_PX + 14;
  const top = PLATE_BOTTOM - height;
  const left = (FRAME_WIDTH_PX - width) / 2;
  const event = (layer: number, style: string, tags: string, text: string): string =>
    `Dialogue: ${layer},${assTime(cue.startSeconds)},${assTime(cue.endSeconds)},${style},,0,0,0,,{${tags}}${text}`;
  const centre = FRAME_WIDTH_PX / 2;
  const sizePx = TEXT_PX * shrink;
  const size = shrink === 1 ? '' : `\\fs${assSize(sizePx)}`;
  return [
    event(0, 'Plate', `\\pos(${left.toFixed(1)},${top})\\p1`, `${roundedPlate(width, height, 20)}{\\p0}`),
    event(1, 'Name', `\\pos(${centre},${top + 27})\\c${assColour(cue.colour)}`, escapeAss(name, NAME_PX)),
    ...lines.map((line, index) =>
      event(
        1,
        'Text',
        `\\pos(${centre},${top + 44 + (index + 0.5) * LINE_PX})${size}`,
        escapeAss(line, sizePx),
      ),
    ),
  ];
}

/** Drawing commands for a rectangle with rounded corners (with 0.45 the curves come close to circular arcs). */
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

/** libass sizes fonts by the sum of ascent and descent. */
function assSize(sizePx: number, heightPerEm: number = MAIN_FONT.heightPerEm): string {
  return (sizePx * heightPerEm).toFixed(1);
}

/**
 * Makes a text literal in ASS, each part in a font that has its characters, since libass does not look in other fonts by
 * itself. A backslash is followed by an invisible word joiner, so that `\N`, `\h` and `\{` are not commands; braces are
 * escaped, so that they do not open an override block.
 * @param sizePx font size
 */
export function escapeAss(text: string, sizePx: number): string {
  const runs = splitByFont(text.replaceAll(/[\r\n]+/g, ' '));
  return runs
    .map(({ font, text: run }, index) => {
      const isMain = font === MAIN_FONT;
      const block = `{\\fn${font.family}\\fs${assSize(sizePx, font.heightPerEm)}}`;
      return `${isMain && index === 0 ? '' : block}${escapeRun(run)}`;
    })
    .join('');
}

function escapeRun(text: string): string {
  return text.replaceAll('\\', `\\${WORD_JOINER}`).replaceAll('{', '\\{').replaceAll('}', '\\}');
}

/**
 * Removes characters that have no shape of their own and only disturb the layout: direction marks and other invisible
 * controls. Also removes what modifies an emoji, since libass sets emoji one by one: joiners, skin tones, variation selectors.
 */
function displayable(text: string): string {
  return text
    .replaceAll(/[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu, '')
    .replaceAll(/(?<=\p{Extended_Pictographic}\ufe0f?)\p{Emoji_Modifier}|\ufe0f/gu, '');
}

/** ASS writes colours in the order blue, green, red. */
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
