/** Names of units: SI units with their prefixes, customary ones, and quotients such as `km/h`. */

type Forms = readonly [one: string, many: string];

const PREFIXES: Readonly<Record<string, string>> = {
  ...{ n: 'nano', µ: 'micro', μ: 'micro', m: 'milli', c: 'centi', d: 'deci', h: 'hecto' },
  ...{ k: 'kilo', K: 'kilo', M: 'mega', G: 'giga', T: 'tera', P: 'peta' },
};
/** Base units: symbol, name, and the prefixes used with them. */
const BASES: readonly (readonly [symbol: string, name: string, prefixes: string])[] = [
  ['m', 'meter', 'nµμmcdk'],
  ['g', 'gram', 'nµμmk'],
  ['s', 'second', 'nµμm'],
  ['L', 'liter', 'µμmcdh'],
  ['l', 'liter', 'µμmcdh'],
  ['W', 'watt', 'mkMGT'],
  ['Wh', 'watt hour', 'mkMGT'],
  ['V', 'volt', 'mkM'],
  ['A', 'amp', 'µμmk'],
  ['Ah', 'amp hour', 'm'],
  ['J', 'joule', 'kMG'],
  ['N', 'newton', 'mkM'],
  ['Pa', 'pascal', 'hkMG'],
  ['eV', 'electronvolt', 'kMGT'],
  ['Ω', 'ohm', 'kM'],
  ['cal', 'calorie', 'k'],
  ['mol', 'mole', 'm'],
  ['B', 'byte', 'kKMGTP'],
  ['b', 'bit', 'kMGT'],
  ['bit', 'bit', 'kMGT'],
];

function both(word: string): Forms {
  return [word, `${word}s`];
}

function per(word: string, whole: string): Forms {
  return [`${word} per ${whole}`, `${word}s per ${whole}`];
}

function same(word: string): Forms {
  return [word, word];
}

const OTHERS: Readonly<Record<string, Forms>> = {
  ...{
    ft: ['foot', 'feet'],
    yd: both('yard'),
    yds: both('yard'),
    mi: both('mile'),
    nmi: both('nautical mile'),
  },
  ...{
    in: ['inch', 'inches'],
    lb: both('pound'),
    lbs: both('pound'),
    oz: both('ounce'),
    ha: both('hectare'),
  },
  ...{
    gal: both('gallon'),
    qt: both('quart'),
    tsp: both('teaspoon'),
    tbsp: both('tablespoon'),
    cc: same('c c'),
  },
  ...{ 'fl oz': both('fluid ounce'), 'fl. oz': both('fluid ounce'), kn: both('knot'), ct: both('carat') },
  ...{
    sec: both('second'),
    secs: both('second'),
    min: both('minute'),
    mins: both('minute'),
    h: both('hour'),
  },
  ...{ hr: both('hour'), hrs: both('hour'), wk: both('week'), wks: both('week'), mo: both('month') },
  ...{ mos: both('month'), yr: both('year'), yrs: both('year'), d: both('day') },
  ...{ mph: per('mile', 'hour'), kmh: per('kilometer', 'hour'), kph: per('kilometer', 'hour') },
  ...{ fps: per('frame', 'second'), rpm: per('revolution', 'minute'), bpm: per('beat', 'minute') },
  ...{ wpm: per('word', 'minute'), psi: per('pound', 'square inch'), dpi: per('dot', 'inch') },
  ...{ mpg: per('mile', 'gallon'), ppm: ['part per million', 'parts per million'], Hz: same('hertz') },
  ...{ kHz: same('kilohertz'), KHz: same('kilohertz'), MHz: same('megahertz'), GHz: same('gigahertz') },
  ...{ kbps: per('kilobit', 'second'), Kbps: per('kilobit', 'second'), Mbps: per('megabit', 'second') },
  ...{ mbps: per('megabit', 'second'), gbps: per('gigabit', 'second') },
  ...{ Gbps: per('gigabit', 'second'), bps: per('bit', 'second'), dB: both('decibel'), px: both('pixel') },
  ...{
    MP: both('megapixel'),
    hp: same('horsepower'),
    mmHg: ['millimeter of mercury', 'millimeters of mercury'],
  },
  ...{ KiB: both('kibibyte'), MiB: both('mebibyte'), GiB: both('gibibyte'), atm: both('atmosphere') },
  ...{ '°C': ['degree Celsius', 'degrees Celsius'], '° C': ['degree Celsius', 'degrees Celsius'] },
  ...{ '℃': ['degree Celsius', 'degrees Celsius'], '°F': ['degree Fahrenheit', 'degrees Fahrenheit'] },
  ...{ '° F': ['degree Fahrenheit', 'degrees Fahrenheit'], '℉': ['degree Fahrenheit', 'degrees Fahrenheit'] },
  ...{
    '°K': both('kelvin'),
    '°': both('degree'),
    º: both('degree'),
    ºC: ['degree Celsius', 'degrees Celsius'],
  },
  ...{ '%': same('percent'), '‰': same('per mille'), yo: ['year old', 'years old'] },
};

/** Maps symbols to names, without powers and quotients. */
const SIMPLE: ReadonlyMap<string, Forms> = new Map([
  ...BASES.flatMap(([symbol, name, prefixes]): [string, Forms][] => [
    [symbol, both(name)],
    ...[...prefixes].map((prefix): [string, Forms] => [
      prefix + symbol,
      both((PREFIXES[prefix] ?? '') + name),
    ]),
  ]),
  ...Object.entries(OTHERS),
]);
/** Units also written in capitals although the symbol is not: `12KG`, `5 KM`. */
const SHOUTED = [
  'kg',
  'km',
  'cm',
  'mm',
  'mg',
  'ml',
  'lb',
  'lbs',
  'oz',
  'ft',
  'mph',
  'kmh',
  'hz',
  'hrs',
  'rpm',
  'bpm',
  'psi',
];
const POWERS: Readonly<Record<string, string>> = {
  ...{ '²': 'square', '2': 'square', '^2': 'square', '³': 'cubic', '3': 'cubic', '^3': 'cubic' },
};
const POWERED = new Set(['m', 'km', 'cm', 'mm', 'ft', 'in', 'mi', 'yd']);

function pattern(symbols: readonly string[]): string {
  return symbols
    .toSorted((a, b) => b.length - a.length)
    .map((symbol) => symbol.replaceAll('.', '\\.'))
    .join('|');
}

const SIMPLE_PATTERN = `(?:sq\\.? |cu\\.? )?(?:${pattern([...SIMPLE.keys(), ...SHOUTED.map((name) => name.toUpperCase())])})(?:[²³]|\\^?[23](?!\\d|[.,]\\d))?`;

/** A unit as written, including quotients. Has no capturing groups. */
export const UNIT_PATTERN = `${SIMPLE_PATTERN}(?:\\/(?:${SIMPLE_PATTERN}))?`;

const SIMPLE_PARTS = /^(sq\.? |cu\.? )?(.+?)([²³]|\^?[23])?$/;

function simpleForms(written: string): Forms | undefined {
  const known = SIMPLE.get(written) ?? (SHOUTED.includes(written.toLowerCase()) ? lower(written) : undefined);
  if (known !== undefined) return known;
  const [, area, symbol = '', power = ''] = SIMPLE_PARTS.exec(written) ?? [];
  const forms = SIMPLE.get(symbol) ?? SIMPLE.get(symbol.toLowerCase());
  if (forms === undefined || (area === undefined && !POWERED.has(symbol))) return undefined;
  const word = area === undefined ? (POWERS[power] ?? '') : area.startsWith('sq') ? 'square' : 'cubic';
  return [`${word} ${forms[0]}`, `${word} ${forms[1]}`];
}

function lower(written: string): Forms | undefined {
  return written.toLowerCase() === 'hz' ? SIMPLE.get('Hz') : SIMPLE.get(written.toLowerCase());
}

/** The unit in words; undefined if it is not a unit. @param count 1 for the singular, anything else for the plural */
export function unitName(written: string, count: number): string | undefined {
  const form = count === 1 ? 0 : 1;
  const whole = simpleForms(written);
  if (whole !== undefined) return whole[form];
  const [top = '', bottom] = written.split('/');
  const above = simpleForms(top);
  const below = bottom === undefined ? undefined : simpleForms(bottom);
  if (above && bottom !== undefined && /^s(?:²|\^?2)$/.test(bottom))
    return `${above[form]} per second squared`;
  return above && below ? `${above[form]} per ${below[0]}` : undefined;
}
