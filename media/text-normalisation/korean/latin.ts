/** Latin letters in Korean text: `AI` by the names of its letters, well-known names, Internet addresses. */
import type { SemioticClass } from '../semiotic-class.ts';
import { PARTICLE, sayDigits, sino, withParticle } from './numbers.ts';

const LETTERS =
  'A=에이 B=비 C=씨 D=디 E=이 F=에프 G=지 H=에이치 I=아이 J=제이 K=케이 L=엘 M=엠 N=엔 O=오 P=피 Q=큐 R=알 S=에스 T=티 U=유 V=브이 W=더블유 X=엑스 Y=와이 Z=제트';
const LETTER_NAMES = new Map(LETTERS.split(' ').map((entry) => [entry[0] ?? '', entry.slice(2)]));
/** Names and words that are read as words. */
const WORDS: ReadonlyMap<string, string> = new Map(
  'iphone=아이폰 ipad=아이패드 ipod=아이팟 imac=아이맥 macbook=맥북 apple=애플 google=구글 youtube=유튜브 galaxy=갤럭시 samsung=삼성 naver=네이버 kakao=카카오 kakaotalk=카카오톡 facebook=페이스북 instagram=인스타그램 twitter=트위터 netflix=넷플릭스 amazon=아마존 tesla=테슬라 microsoft=마이크로소프트 windows=윈도우 android=안드로이드 chatgpt=챗지피티 openai=오픈에이아이 nasa=나사 nato=나토 unesco=유네스코 unicef=유니세프 fifa=피파 covid=코로나 wifi=와이파이 python=파이썬 java=자바 javascript=자바스크립트 typescript=타입스크립트 node=노드 react=리액트 github=깃허브 email=이메일 online=온라인 ok=오케이 okay=오케이 vs=대 no=넘버 com=컴 net=넷 org=오알지 gmail=지메일 daum=다음 mac=맥 web=웹 app=앱 pro=프로 max=맥스 plus=플러스 mini=미니 ultra=울트라 hello=헬로 kpop=케이팝 usb=유에스비'
    .split(' ')
    .map((entry): [string, string] => {
      const [word = '', said = ''] = entry.split('=');
      return [word, said];
    }),
);
const MARKS: Readonly<Record<string, string>> = {
  ...{ '.': '점', '/': '슬래시', '-': '대시', _: '언더바', ':': '콜론', '?': '물음표', '=': '이퀄' },
  ...{ '&': '앤드', '#': '샵', '%': '퍼센트', '~': '물결', '@': '골뱅이', '+': '플러스' },
};

/** File name extensions. */
const EXTENSIONS =
  'jpe?g|png|gif|svg|webp|pdf|docx?|xlsx?|pptx?|hwpx?|txt|csv|zip|mp[34]|mov|avi|wav|html?|json|md';

function spell(letters: string): string {
  return [...letters.toUpperCase()].map((letter) => LETTER_NAMES.get(letter) ?? letter).join('');
}

function sayWord(word: string): string {
  return (
    WORDS.get(word.toLowerCase()) ??
    (/^(?:www|https?|kr|io|ai|jp|us|uk|tv|co)$/i.test(word) ? spell(word) : word)
  );
}

function sayAddress(address: string): string {
  return (address.match(/[A-Za-z]+|\d+|[가-힣]+|[^A-Za-z\d가-힣]/g) ?? [])
    .map((part, index, parts) => {
      if (/^\d/.test(part)) return sayDigits(part, '공');
      const isShortEnd = part.length === 2 && parts[index - 1] === '.';
      return MARKS[part] ?? (isShortEnd ? spell(part) : sayWord(part));
    })
    .join(' ')
    .replaceAll(/(?<=\S) 점 (?=\S)/g, ' 닷 ');
}

export const LATIN: readonly SemioticClass[] = [
  {
    name: 'electronic',
    pattern: /(?:(?:https?:\/\/)|(?=www\.))([A-Za-z0-9][\w.:/?=&#%~@+-]{0,300}[A-Za-z0-9/])/iy,
    say: ([, address = '']) => sayAddress(address.replace(/\/$/, '')),
  },
  {
    name: 'electronic',
    pattern: /[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,3}/y,
    say: ([address = '']) => sayAddress(address),
  },
  {
    name: 'electronic',
    pattern:
      /(?:[a-z0-9][a-z0-9-]{0,62}\.){1,3}(?:com|net|org|kr|io|ai|dev|co|app|me)(?:\/[\w./-]{0,100}[\w/])?(?![A-Za-z.])/iy,
    say: ([address = '']) => sayAddress(address),
  },
  {
    name: 'electronic',
    // File names: `사진.jpg`, `report.PDF`.
    pattern: new RegExp(
      `([\\p{Script=Hangul}\\w-]{1,60})\\.(${EXTENSIONS})(?![A-Za-z\\d])(?:${PARTICLE})?`,
      'iuy',
    ),
    say: ([, name = '', ending = '', particle = '']) =>
      `${sayAddress(name)} 닷 ${withParticle(spell(ending), particle)}`,
  },
  { name: 'handle', pattern: /@([A-Za-z]\w{0,30})/y, say: ([, name = '']) => `골뱅이 ${sayAddress(name)}` },
  { name: 'hashtag', pattern: /#(?=[\p{L}])/uy, say: () => '해시태그 ' },
  {
    name: 'language',
    pattern: /([CcFJ])(\+\+|#)(?!\w)/y,
    say: ([, letter = '', mark]) => spell(letter) + (mark === '#' ? '샵' : '플러스플러스'),
  },
  {
    name: 'letters',
    pattern: /([A-Z])&([A-Z])(?![A-Za-z])/y,
    say: ([, left = '', right = '']) => `${spell(left)}앤드${spell(right)}`,
  },
  {
    name: 'letters',
    pattern: /([A-Za-z]{1,20})-?(\d{1,9})(?=[^A-Za-z\d]|$)/y,
    say: ([, letters = '', digits = ''], { after }) => {
      if (/^[.,:]\d/.test(after)) return null;
      const known = WORDS.get(letters.toLowerCase());
      const isSpelled = letters === letters.toUpperCase() && letters.length <= 4;
      const number = digits.length > 2 && letters.length < 3 ? sayDigits(digits, '공') : sino(digits);
      return `${known ?? (isSpelled ? spell(letters) : letters)} ${number}`;
    },
  },
  {
    name: 'letters',
    pattern: /(?:[A-Z]\.){2,6}/y,
    say: ([whole = '']) => spell(whole.replaceAll('.', '')),
  },
  {
    name: 'letters',
    pattern: /[A-Za-z]{1,30}(?![A-Za-z])/y,
    say: ([word = '']) => {
      const known = WORDS.get(word.toLowerCase());
      if (known !== undefined) return known;
      return word === word.toUpperCase() && word.length <= 5 ? spell(word) : null;
    },
  },
];
