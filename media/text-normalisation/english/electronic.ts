/** Internet addresses and file names: URLs, emails, domains, handles, hashtags, IP addresses, versions, paths. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayCodeDigits, sayDigits, sayWhole } from './numbers.ts';

const MARKS: Readonly<Record<string, string>> = {
  ...{
    '.': 'dot',
    '/': 'slash',
    '-': 'dash',
    _: 'underscore',
    ':': 'colon',
    '?': 'question mark',
    '=': 'equals',
  },
  ...{
    '&': 'ampersand',
    '#': 'hash',
    '%': 'percent',
    '~': 'tilde',
    '@': 'at',
    '+': 'plus',
    '\\': 'backslash',
    $: 'dollar',
  },
};
/** Parts that are never read as words. */
const SPELLED = new Set([
  'www',
  'html',
  'php',
  'http',
  'https',
  'ftp',
  'js',
  'ts',
  'css',
  'xml',
  'csv',
  'mp',
  'py',
  'rs',
  'md',
  'db',
  'sql',
  'pdf',
  'jpg',
  'png',
  'api',
  'faq',
  'id',
  'tv',
  'io',
  'ai',
  'uk',
  'us',
  'eu',
  'kr',
  'jp',
  'de',
  'fr',
  'ca',
  'au',
  'ch',
  'nl',
  'se',
  'cn',
]);
const TOP_LEVEL =
  'com|org|net|io|dev|co|ai|edu|gov|mil|int|info|biz|app|me|tv|xyz|tech|online|site|blog|news|kr|uk|us|eu|jp|de|fr|ca|au|ch|nl|se|cn|in';
const EXTENSIONS =
  'txt|pdf|docx?|xlsx?|pptx?|csv|tsv|jpe?g|png|gif|svg|webp|mp[34]|mov|avi|wav|flac|ogg|zip|gz|tar|exe|dmg|html?|css|jsx?|tsx?|mjs|json|ya?ml|xml|toml|md|py|rb|rs|go|java|cpp|sh|sql|log|ini|cfg|conf|env|vtt|srt';

/** Says everything in an address, mark by mark. Digits are said one by one. */
export function sayAddress(address: string): string {
  return (address.match(/[A-Za-z]+|\d+|[^A-Za-z\d]/g) ?? [])
    .map((part) => {
      if (/^\d/.test(part)) return sayDigits(part);
      if (SPELLED.has(part.toLowerCase())) return [...part].join(' ');
      return MARKS[part] ?? part;
    })
    .join(' ');
}

/** Splits `ThrowbackThursday` and `throwback_thursday` into words. */
function sayJoinedWords(joined: string): string {
  return joined
    .replaceAll('_', ' ')
    .replaceAll(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .replaceAll(/\d+/g, (digits) => ` ${sayCodeDigits(digits)} `)
    .trim();
}

export const ELECTRONIC: readonly SemioticClass[] = [
  {
    name: 'electronic',
    pattern: /(?:(?:https?|ftp):\/\/|(?=www\.))([^\s<>"'()[\]{}|]{0,400}[A-Za-z0-9/_=&#~-])/iy,
    say: ([, address = '']) => sayAddress(address.replace(/\/$/, '')),
  },
  {
    name: 'electronic',
    pattern: /file:\/\/(\/[^\s<>"'()[\]{}|]{0,400}[A-Za-z0-9/_=&#~-])/iy,
    say: ([, path = '']) => `file colon slash slash ${sayAddress(path)}`,
  },
  {
    name: 'electronic',
    pattern: /(?:mailto:)?([\w.+&%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?:\/[\w./-]{0,100}[\w/])?)/y,
    say: ([, address = '']) => sayAddress(address),
  },
  {
    name: 'electronic',
    pattern: new RegExp(
      `((?:[a-z0-9][a-z0-9-]{0,62}\\.){1,4}(?:${TOP_LEVEL})(?::\\d{2,5})?(?:/[^\\s<>"'()[\\]{}|]{0,300}[A-Za-z0-9/_=&#~-]|/)?)(?![\\w@-]|\\.\\w)`,
      'iy',
    ),
    // `end.In` is a typo, not an address.
    say: ([, address = '']) => (/\.[A-Z][a-z]/.test(address) ? null : sayAddress(address.replace(/\/$/, ''))),
  },
  {
    name: 'electronic',
    pattern: new RegExp(
      `([A-Za-z_][\\w-]{0,60}(?:\\.[\\w-]{1,20}){0,3}\\.(?:${EXTENSIONS}))(?![\\w/-]|\\.\\w)`,
      'y',
    ),
    say: ([, name = '']) => sayAddress(name),
  },
  {
    name: 'electronic',
    // Paths: `/usr/local/bin`, `~/notes`, `C:\Temp`.
    pattern:
      /(?<![\w/])((?:~|\.{1,2}|[A-Z]:)?(?:[/\\][\w.-]{1,60}){2,12}|~[/\\][\w.-]{1,60}|[A-Z]:\\[\w.-]{0,60})(?<![.])/y,
    say: ([, path = '']) => sayAddress(path),
  },
  {
    name: 'electronic',
    pattern: /\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?::\d{2,5})?(?![\w]|\.\d)/y,
    say: ([address = '']) => sayAddress(address),
  },
  {
    name: 'version',
    pattern: /v?(\d{1,6}(?:\.\d{1,6}){2,4})(?![\w]|\.\d)/iy,
    say: ([whole = '', numbers = '']) => {
      if (/^\d{1,3}(?:\.\d{3}){2,}$/.test(whole)) return sayWhole(numbers.replaceAll('.', ''));
      return (/^v/i.test(whole) ? 'version ' : '') + numbers.split('.').map(sayWhole).join(' point ');
    },
  },
  {
    name: 'version',
    pattern: /[vV](\d{1,3})(?:\.(\d{1,6}))?(?![\w]|\.\d)/y,
    say: ([, major = '', minor]) =>
      `version ${sayWhole(major)}${minor === undefined ? '' : ` point ${sayWhole(minor)}`}`,
  },
  {
    name: 'handle',
    pattern: /(?<![\w.])@([A-Za-z_]\w{0,39}(?:\.\w{1,20})?)/y,
    say: ([, name = '']) => `at ${sayJoinedWords(name)}`,
  },
  {
    name: 'hashtag',
    pattern: /(?<![\w&])#(\p{L}[\p{L}\p{M}\w]{0,60})/uy,
    say: ([, tag = '']) => `hashtag ${sayJoinedWords(tag)}`,
  },
];
