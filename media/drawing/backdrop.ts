/** Backgrounds: painted once per shot, out of focus behind the figures; a few lights drift over them. */
import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { type BackdropKind, type Camera, FRAME_HEIGHT_PX as H, FRAME_WIDTH_PX as W } from '../clip-plan.ts';
import { noise } from '../random.ts';
import { type Brush, drawLayer, fillEllipse } from './canvas.ts';
import { fade } from './colour.ts';
import { paintCafe, paintLounge, paintStudio } from './indoor-places.ts';
import { byMoonlight } from './moonlight.ts';
import { paintBeach, paintNight, paintPark } from './outdoor-places.ts';
import { paintForest, paintSpace, paintStreet, paintStreetNight, paintTrain } from './travel-places.ts';
import { paintHospital, paintKitchen, paintOffice, paintSchool } from './work-places.ts';

const PAINTERS: Readonly<Record<BackdropKind, (brush: Brush, seed: number) => void>> = {
  studio: paintStudio,
  park: paintPark,
  night: paintNight,
  cafe: paintCafe,
  beach: paintBeach,
  lounge: paintLounge,
  hospital: paintHospital,
  train: paintTrain,
  school: paintSchool,
  office: paintOffice,
  kitchen: paintKitchen,
  forest: paintForest,
  street: paintStreet,
  'street-night': paintStreetNight,
  'park-night': byMoonlight(paintPark, { moon: [1010, 120, 44], skyPx: 360 }),
  'beach-night': byMoonlight(paintBeach, { moon: [640, 402, 75], skyPx: 425 }),
  'forest-night': byMoonlight(paintForest, { moon: null, skyPx: 0 }),
  space: paintSpace,
};

/** Blur in px of the frame; close-ups are blurred more, as by a lens. */
const BLUR_PX = 3.2;

/** Paints a background as a camera sees it. Takes about 100 ms, so keep it. */
export function paintBackdrop(kind: BackdropKind, seed: number, camera: Camera): Canvas {
  const sharp = createCanvas(W, H);
  PAINTERS[kind](sharp.getContext('2d'), seed);
  return drawLayer((brush) => {
    brush.save();
    brush.filter = `blur(${(BLUR_PX * camera.zoom * (camera.zoom > 1 ? 1.7 : 1)).toFixed(1)}px)`;
    brush.translate(W / 2, H / 2);
    brush.scale(camera.zoom * 1.03, camera.zoom * 1.03);
    // Distant things move less than near ones when the camera moves in.
    const parallax = 0.75;
    brush.translate(-(W / 2 + (camera.x - W / 2) * parallax), -(H / 2 + (camera.y - H / 2) * parallax));
    brush.drawImage(sharp, 0, 0);
    brush.restore();
    paintVignette(brush);
  });
}

function paintVignette(brush: Brush): void {
  const shade = brush.createRadialGradient(W / 2, H * 0.42, H * 0.45, W / 2, H / 2, W * 0.66);
  shade.addColorStop(0, 'rgba(15,8,30,0)');
  shade.addColorStop(1, 'rgba(15,8,30,0.42)');
  brush.fillStyle = shade;
  brush.fillRect(0, 0, W, H);
}

const MOTE_COLOURS: Readonly<Record<BackdropKind, string>> = {
  studio: '#8ff0e0',
  park: '#fffbe0',
  night: '#ffe2a8',
  cafe: '#ffe0b0',
  beach: '#fff0c8',
  lounge: '#fff3d8',
  hospital: '#ffffff',
  train: '#fff6dc',
  school: '#fff3d0',
  office: '#ffffff',
  kitchen: '#fff0cf',
  forest: '#fdffd0',
  street: '#fffbe0',
  'street-night': '#ffdf9e',
  'park-night': '#e8f5a0',
  'beach-night': '#d8e4ff',
  'forest-night': '#e8f5a0',
  space: '#c4dcff',
};
const MOTES = 14;

/** Draws the lights that drift through a place: dust in the sun, fireflies. */
export function drawMotes(brush: Brush, kind: BackdropKind, seed: number, seconds: number): void {
  for (let index = 0; index < MOTES; index += 1) {
    const speed = 5 + noise(seed, index + 40) * 10;
    const x = (noise(seed, index) * W + seconds * speed) % (W + 40);
    const y = noise(seed, index + 20) * 520 + 24 * Math.sin(seconds * 0.5 + index);
    const twinkle = 0.5 + 0.5 * Math.sin(seconds * (0.6 + noise(seed, index + 60)) + index * 2);
    const radius = 2 + noise(seed, index + 80) * 4;
    fillEllipse(brush, fade(MOTE_COLOURS[kind], 0.1 + twinkle * 0.28), x - 20, y, radius, radius);
  }
}
