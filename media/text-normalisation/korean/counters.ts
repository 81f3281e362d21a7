/** Counters decide between native numbers (세 개) and Sino-Korean ones (삼 층). */
import type { Place, SemioticClass } from '../semiotic-class.ts';
import { NUMBER, native, RANGE_DASH, sayNumber } from './numbers.ts';

/** Counters that take native numbers. */
const NATIVE =
  '개|명|사람|살|마리|권|잔|병|컵|캔|벌|번째|번|시간|시|장|대|송이|켤레|그루|채|달|곳|군데|가지|통|줄|갑|판|배|차례|쌍|모금|방울|조각|바퀴|끼|그릇|접시|상자|박스|봉지|봉|팩|세트|큰술|작은술|스푼|숟가락|자루|자리|척|포기|알|편|팀|칸|골|표|건|종류|곡|문장|단어|글자|걸음|발|모|단|근|뼘|아름|다발|묶음|꾸러미|쪽지|조|쌍둥이|돌|식구|가닥|토막|마디|필|폭|첩|축|쾌|톨';
/** Longer words that begin like a native counter and take Sino-Korean numbers. */
const SINO =
  '개월|개국|개년|개소|개사|개교|개점|개입|개인|개구|개동|개조|개항|번지|번길|번가|시리즈|시즌|명당|대대|대손|장조|배속|판정|조원|조 |단계|단지|단원|통화|발전|근무|편성|표준|건설|골프|모델|모둠|세트장|팀장|줄기|봉오리|권역|달러|병동|병실|살균|잔액|알파|곳간|조각상|쌍용|조항|배정|자릿|자리수';
const NATIVE_LIMIT = 99;

/** What follows a number that labels rather than counts: `2번 버스`, `10번 출구`, `3번을 누르세요`. */
const NUMBERED_AFTER =
  /^(?:[을이은]? ?(?:누르|눌러|선택|고르|골라)|으로|선|마|타자|(?: ?(?:버스|출구|문제|선수|국도|홈|방|창구|좌석|트랙|승강장|게이트|채널|노선|답|항목|항|메뉴|라인|칸|주자|타자|종목|도로|탑승구|플랫폼|교향곡|곡|지문|보기|염색체|환자|타석|우드|아이언|지하철|레인|후보|유형|카드|테이블|부두)))/;
const AGES_AFTER =
  /^(?:[.,!?)는가의와로도만]|에[서게]?|들|이 |부터|까지|초반|중반|후반|남|여|청|직장|미혼|기혼|소비|유권|환자|의|$| (?:남|여|청|초반|중반|후반|직장|이상|이하|환자|젊|초|말|때|시절|인구|고객|독자|유권))/;
const MACHINES_BEFORE =
  /(?:차|버스|택시|컴퓨터|노트북|자전거|오토바이|트럭|비행기|전화기?|카메라|텔레비전|TV|냉장고|세탁기|에어컨|로봇|기계|드론|헬기|피아노|기타|서버|스마트폰|핸드폰|휴대폰|태블릿|프린터|전투기|탱크|선풍기|총)[가를은는이도의]?\s?$/;

/** Whether the number before this counter is a native one. */
function isNative(
  value: number,
  counter: string,
  { before, after }: Pick<Place, 'before' | 'after'>,
): boolean {
  if (value === 0 || /제\s?$/.test(before)) return false;
  if (value > NATIVE_LIMIT) return false;
  switch (counter) {
    case '시':
      return value <= 12;
    case '시간':
      return value <= 20;
    case '번':
      return !NUMBERED_AFTER.test(after);
    case '대':
      if (MACHINES_BEFORE.test(before)) return true;
      return !(
        (value % 10 === 0 && AGES_AFTER.test(after)) ||
        /(?:세계|국내|한국|아시아|북미|유럽)의? ?$/.test(before) ||
        /^ (?:요소|도시|원칙|강국|과제|기업|뉴스|메이저|영양소|명산|축제|성인병|미항|거짓말|의무|법칙|종교)/.test(
          after,
        )
      );
    case '장':
      return !/^(?:에서 (?:다루|설명|본|논)|[,)]? ?절)/.test(after);
    case '조':
      return false;
    default:
      return true;
  }
}

function sayCounted(number: string, counter: string, place: Pick<Place, 'before' | 'after'>): string {
  const value = Number(number.replaceAll(',', ''));
  if (!Number.isInteger(value) || number.includes('.')) return sayNumber(number);
  if (counter === '번째' && value === 1) return '첫';
  return isNative(value, counter, place) ? native(value) : sayNumber(number);
}

export const COUNTED: readonly SemioticClass[] = [
  {
    name: 'counted',
    // The counter is said after both ends: `3~5개` is 세 개에서 다섯 개.
    pattern: new RegExp(`(${NUMBER})${RANGE_DASH}(${NUMBER})\\s?(?!${SINO})(${NATIVE})`, 'y'),
    say: ([, from = '', to = '', counter = ''], place) => {
      const low = sayCounted(from, counter, place);
      const high = sayCounted(to, counter, place);
      if (low === sayNumber(from) && high === sayNumber(to)) return `${low}에서 ${high} ${counter}`;
      return `${low} ${counter}에서 ${high} ${counter}`;
    },
  },
  {
    name: 'counted',
    pattern: new RegExp(`(${NUMBER})(여|몇)?(\\s?)(?!${SINO})(${NATIVE})`, 'y'),
    say: ([, number = '', more = '', space = '', counter = ''], place) => {
      // A space before a word that only begins like a counter: `2024 시장`.
      if (
        space !== '' &&
        !/^(?:[^\p{L}]|$|[이가은는을를의도만에로과와씩째 ]|으로|이나|까지|부터|마다|정도|쯤)/u.test(
          place.after,
        )
      )
        return null;
      const said = more === '' ? sayCounted(number, counter, place) : sayNumber(number);
      return `${said}${more} ${counter}`;
    },
  },
  {
    name: 'counted',
    // 분 is a minute, but after people it is a person.
    pattern: /(\d{1,2})\s?분/y,
    say: ([, number = ''], { before }) =>
      /(?:손님|고객|어르신|선생님|어른|부모님|교수님)[이가은는을를도]?\s?$/.test(before)
        ? `${native(Number(number))} 분`
        : null,
  },
];
