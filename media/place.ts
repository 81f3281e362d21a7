/** Chooses where a scene takes place, from the words of its heading, its directions and its lines together. Pure. */
import type { BackdropKind } from './clip-plan.ts';
import { hashText } from './random.ts';

/** The words of a scene. */
export interface SceneWords {
  readonly heading: string;
  readonly directions: readonly string[];
  readonly lines: readonly string[];
}

/** The words of a place: those that name it, and those for the things, people and activities there. */
interface PlaceField {
  readonly names: string;
  readonly signs: string;
  /** Parts of Korean words. */
  readonly korean: RegExp;
}

const FIELDS: Readonly<Partial<Record<BackdropKind, PlaceField>>> = {
  hospital: {
    names: 'hospital clinic ward surgery infirmary icu ambulance sickbay hospice maternity pharmacy dentist',
    signs:
      'doctor nurse surgeon patient operation operating theatre stretcher scalpel stethoscope diagnosis medicine pulse bandage ill sick injury fever vaccine vaccination disease symptom treatment blood heart therapy pill recover anaesthetic x-ray bed visitor cancer virus health',
    korean: /병원|병실|수술|간호사|의사|환자|진료|응급|약국|치료/gu,
  },
  train: {
    names: 'train railway subway metro tram carriage compartment locomotive platform tube wagon railroad',
    signs:
      'conductor ticket passenger journey track rail luggage suitcase station departure arrival commuter tunnel seat window whistle travel destination timetable',
    korean: /기차|열차|지하철|전철|객실|승강장|철도|승객/gu,
  },
  school: {
    names:
      'school classroom class university college kindergarten lecture seminar gymnasium schoolyard academy',
    signs:
      'teacher pupil student lesson homework exam blackboard chalk desk grade maths math mathematics history spelling professor textbook essay equation learn teach geometry grammar curriculum quiz fraction triangle theorem',
    korean: /학교|교실|수업|선생|학생|숙제|시험|칠판|대학|강의/gu,
  },
  office: {
    names: 'office boardroom cubicle headquarters workplace bureau startup reception skyscraper',
    signs:
      'meeting boss manager colleague deadline email spreadsheet quarter quarterly revenue sales customer client budget invoice presentation slide salary contract project team report strategy market profit stock company business hire interview promotion printer agenda percent growth investor employee product price bank tax',
    korean: /사무실|회의|회사|부장|과장|대리|사장|매출|보고서|직원|고객/gu,
  },
  kitchen: {
    names: 'kitchen galley pantry cookhouse',
    signs:
      'cook chef stove oven pan pot recipe dinner breakfast lunch soup knife chop boil fry bake flour dough onion garlic salt pepper butter egg spoon plate dish sauce stir simmer ingredient fridge cup tablespoon teaspoon bread cake pasta tomato cheese sugar whisk mix minute',
    korean: /부엌|주방|요리|냄비|국물|반찬|칼질|볶|끓이|레시피|밀가루|소금/gu,
  },
  cafe: {
    names: 'cafe café coffeehouse restaurant bar bakery diner bistro pub tavern teahouse coffeeshop',
    signs:
      'coffee waiter waitress barista menu espresso latte cappuccino order bill croissant counter customer beer wine cocktail tea cake table mug',
    korean: /카페|커피|식당|레스토랑|주점|메뉴|주문|빵집/gu,
  },
  forest: {
    names: 'forest wood woods woodland jungle rainforest grove thicket wilderness taiga',
    signs:
      'tree oak pine leaf leaves branch root moss fern mushroom owl wolf fox bear deer squirrel path trail hunter camp campfire tent cabin bird birdsong trunk wild clearing undergrowth hike fungus',
    korean: /숲|나무꾼|정글|산림|오솔길|늑대|사슴|다람쥐|버섯/gu,
  },
  park: {
    names:
      'park garden meadow field playground lawn orchard farm hill mountain valley countryside backyard patio village prairie',
    signs:
      'grass flower picnic bench bee butterfly fountain swing dog ball kite morning sun sunshine spring outside hive honey pollen blossom rose seed soil plant gardener sheep cow barn tractor harvest summit climb',
    korean: /공원|정원|들판|잔디|꽃|언덕|산책|농장|아침|벌|마을/gu,
  },
  beach: {
    names:
      'beach sea ocean shore seaside coast harbour harbor island lighthouse pier boat ship sailboat bay lagoon reef dock',
    signs:
      'wave sand tide sail sailor captain gull fish fishing fisherman shell swim surf anchor storm sunset salt whale dolphin shark crab coral net deck mast palm water horizon vessel current pirate treasure',
    korean: /바다|해변|바닷가|해안|항구|등대|파도|모래|섬|어부|고래|배를/gu,
  },
  street: {
    names:
      'street road avenue alley sidewalk pavement crossing downtown market square bridge shop store neighbourhood neighborhood',
    signs:
      'car bus taxi traffic bicycle bike shopkeeper pedestrian corner lamp crowd shopping bus-stop driver driving honk city town window walk motorcycle parade',
    korean: /거리|길거리|도로|골목|시장|횡단보도|버스|택시|상점|가게/gu,
  },
  night: {
    names: 'rooftop roof skyline balcony terrace',
    signs: 'night midnight moon moonlight dark city neon star skyscraper',
    korean: /옥상|야경|도시|달빛|한밤/gu,
  },
  space: {
    names: 'space spaceship spacecraft starship cockpit orbit spacestation galaxy moonbase airlock',
    signs:
      'planet star astronaut rocket launch gravity alien mars moon venus jupiter saturn comet asteroid universe cosmos telescope nasa satellite nebula light-year crew commander black hole supernova solar system earth spacewalk shuttle lander rover cosmic',
    korean: /우주|행성|로켓|우주선|은하|외계|달 탐사|위성|별자리|화성|중력/gu,
  },
  studio: {
    names: 'studio lab laboratory newsroom workshop bunker factory server',
    signs:
      'computer screen code program programmer data software algorithm server machine robot experiment scientist engineer broadcast camera microphone anchor internet network keyboard bug hacker chip battery test button control database model ai',
    korean: /연구실|실험|스튜디오|방송|컴퓨터|서버|코드|로봇|과학자|데이터|인공지능/gu,
  },
  lounge: {
    names:
      'home house apartment lounge living bedroom library flat cottage parlour parlor attic hallway dormitory cabin',
    signs:
      'sofa couch bookshelf book fireplace armchair lamp carpet mother father grandmother grandfather family cat evening tv television pillow blanket bed door stairs letter curtain purr pet story',
    korean: /집|거실|침실|도서관|아파트|소파|가족|엄마|아빠|할머니|책장|고양이/gu,
  },
};

/** Words that only name a place together: a `control room` is not a room of a house. */
const PHRASES: readonly (readonly [RegExp, BackdropKind])[] = [
  [
    /\boperating (?:room|theat(?:re|er))|\bwaiting room|\bemergency room|\bdoctor['’]?s (?:office|surgery)/giu,
    'hospital',
  ],
  [/\b(?:control|server|engine|news) ?room/giu, 'studio'],
  [/\b(?:living|dining|bed|sitting) ?room/giu, 'lounge'],
  [/\b(?:meeting|conference|board) ?room|\bopen[- ]plan/giu, 'office'],
  [/\bclass ?room|\blecture hall|\bstaff ?room/giu, 'school'],
  [/\b(?:train|railway|subway|metro) station|\bdining car/giu, 'train'],
  [
    /\bspace (?:station|ship|craft)|\bouter space|\bmission control|\bbridge of the (?:ship|enterprise)/giu,
    'space',
  ],
  [/\bcoffee (?:shop|house)|\btea room/giu, 'cafe'],
  [/\bbus stop|\bparking lot|\bcar park|\bgas station|\bpetrol station/giu, 'street'],
];

const NAME_WEIGHT = 3;
const PHRASE_WEIGHT = 6;
const HEADING_WEIGHT = 4;
const DIRECTION_WEIGHT = 1.5;
/** A word counts as often as it occurs, up to this limit. */
const REPEATS_LIMIT = 3;
/** A few words in passing do not make a place. */
const LEAST_SCORE = 4;

/** Outdoor places, as they are at night. */
const BY_NIGHT: Readonly<Partial<Record<BackdropKind, BackdropKind>>> = {
  street: 'street-night',
  park: 'park-night',
  beach: 'beach-night',
  forest: 'forest-night',
};

/** Places for scenes that do not mention any. */
const ANYWHERE: readonly BackdropKind[] = ['lounge', 'park', 'studio', 'cafe', 'street'];

/**
 * The place that most of a scene's words belong to; the heading counts most, and a single word in passing decides nothing. A
 * scene that mentions no place takes the film's; if the film has none either, it gets a random but repeatable one.
 */
export function choosePlace(scene: SceneWords, sceneIndex: number, film?: SceneWords): BackdropKind {
  const { heading, directions } = scene;
  const isNight = tellsNight(heading) ?? tellsNight(directions.join('\n')) ?? false;
  const place = findPlace(scene) ?? (isNight ? 'night' : film && findPlace(film));
  if (isNight && place !== undefined) return BY_NIGHT[place] ?? place;
  const chance = heading === '' ? sceneIndex : hashText(heading);
  return place ?? ANYWHERE[chance % ANYWHERE.length] ?? 'lounge';
}

function findPlace({ heading, directions, lines }: SceneWords): BackdropKind | undefined {
  const scores: Scores = new Map();
  const add = (text: string, weight: number): void => {
    for (const [kind, score] of scoreText(text)) addScore(scores, kind, score * weight);
  };
  add(heading, HEADING_WEIGHT);
  add(directions.join('\n'), DIRECTION_WEIGHT);
  add(lines.join('\n'), 1);
  const [best] = [...scores].toSorted(([, one], [, other]) => other - one);
  return best !== undefined && best[1] >= LEAST_SCORE ? best[0] : undefined;
}

/** Undefined if neither day nor night is mentioned. */
function tellsNight(text: string): boolean | undefined {
  if (/\b(?:night|midnight|moonlight|late evening|after dark)\b|밤|자정|야간/iu.test(text)) return true;
  return /\b(?:day|morning|noon|afternoon|dawn)\b|낮|아침|오후/iu.test(text) ? false : undefined;
}

type WordTable = ReadonlyMap<string, readonly (readonly [BackdropKind, number])[]>;
let table: WordTable | undefined;

function buildTable(): WordTable {
  const words = new Map<string, (readonly [BackdropKind, number])[]>();
  for (const [kind, field] of fields()) {
    for (const [list, weight] of [
      [field.names, NAME_WEIGHT],
      [field.signs, 1],
    ] as const) {
      for (const word of list.split(' ')) words.set(word, [...(words.get(word) ?? []), [kind, weight]]);
    }
  }
  return words;
}

function fields(): [BackdropKind, PlaceField][] {
  return Object.entries(FIELDS) as [BackdropKind, PlaceField][];
}

type Scores = Map<BackdropKind, number>;

function addScore(scores: Scores, kind: BackdropKind, weight: number): void {
  scores.set(kind, (scores.get(kind) ?? 0) + weight);
}

function scoreText(text: string): Scores {
  const scores: Scores = new Map();
  let rest = text;
  for (const [phrase, kind] of PHRASES) {
    rest = rest.replaceAll(phrase, () => {
      addScore(scores, kind, PHRASE_WEIGHT);
      return ' ';
    });
  }
  scoreWords(rest, scores);
  if (/\p{Script=Hangul}/u.test(rest)) scoreKorean(rest, scores);
  return scores;
}

function scoreWords(text: string, scores: Scores): void {
  table ??= buildTable();
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/\p{L}[\p{L}-]*/gu) ?? []) {
    const stem = table.has(word) ? word : singular(word);
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    if (count > REPEATS_LIMIT) continue;
    for (const [kind, weight] of table.get(stem) ?? []) addScore(scores, kind, weight);
  }
}

const KOREAN_WEIGHT = 2;

function scoreKorean(text: string, scores: Scores): void {
  for (const [kind, { korean }] of fields()) {
    const found = text.match(korean)?.length ?? 0;
    if (found > 0) addScore(scores, kind, Math.min(found, REPEATS_LIMIT) * KOREAN_WEIGHT);
  }
}

function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:s|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('ves')) return `${word.slice(0, -3)}f`;
  if (word.endsWith('s')) return word.slice(0, -1);
  return word.replace(/(?:ing|ed)$/, '');
}
