/** Telephone numbers and other numbers that are read digit by digit. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayDigits } from './numbers.ts';

function sayGroups(written: string): string {
  return written
    .split(/[^\d]+/)
    .filter((digits) => digits !== '')
    .map((digits) => sayDigits(digits, '공'))
    .join(' ');
}

const CODE_BEFORE =
  /(?:(?:끝|뒷|앞|네|여섯|\d)\s?자리|비밀번호|인증번호|우편번호|계좌번호|전화번호|주민등록번호|여권번호|사번|학번|군번|번호|코드|암호|핀|PIN|아이디|ID)(?:는|은|가|이|:|를|을)?\s{0,2}$/;

export const TELEPHONES: readonly SemioticClass[] = [
  {
    name: 'telephone',
    pattern: /(\+\d{1,3}[ .-]?)?(\(\d{1,4}\)\s?-?)?(\d{2,4}(?:[ .-]\d{3,4}){1,3})(?![\d.,/-])/y,
    say: ([, plus, area, groups = ''], { before }) => {
      if (/[\d.,$€£₩]$/.test(before)) return null;
      const isPhone =
        plus !== undefined ||
        area !== undefined ||
        /^0\d{1,3}[ .-]\d{3,4}[ .-]\d{4}$/.test(groups) ||
        /^1[3-9]\d{2}-\d{4}$/.test(groups) ||
        /^\d{3,4}-\d{4}$/.test(groups) ||
        /^\d{3}[.-]\d{3}[.-]\d{4}$/.test(groups) ||
        /^\d{2,4}(?:-\d{3,4}){2,3}$/.test(groups);
      return isPhone
        ? (plus === undefined ? '' : '플러스 ') + sayGroups((plus ?? '') + (area ?? '') + groups)
        : null;
    },
  },
  {
    name: 'telephone',
    pattern: /(?:\d{6}-\d{7}|\d{3,6}-\d{2,6}-\d{3,8}|0\d{8,10})(?![\d-])/y,
    say: ([whole = '']) => sayGroups(whole),
  },
  {
    name: 'telephone',
    // Short telephone numbers: 119, 112.
    pattern:
      /(1\d{2}|911|1\d{3})(?=(?:번)?(?:에|으로|로)?\s?(?:전화|신고|연락|문의)|(?:구급|소방|상담|구조))/y,
    say: ([whole = '']) => sayGroups(whole),
  },
  {
    name: 'telephone',
    pattern: /(?:119|112|911)(?=에|를|로)/y,
    say: ([whole = '']) => sayGroups(whole),
  },
  {
    name: 'code',
    pattern: /\d[\d -]{1,30}\d(?![\d,.%])/y,
    say: ([whole = ''], { before }) => (CODE_BEFORE.test(before) ? sayGroups(whole) : null),
  },
];
