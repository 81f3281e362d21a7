/** Names of currencies and of their hundredths. */

export interface Currency {
  readonly one: string;
  readonly many: string;
  /** Null if amounts have no hundredths. */
  readonly cent: { readonly one: string; readonly many: string } | null;
}

const CENT = { one: 'cent', many: 'cents' };
const PENNY = { one: 'penny', many: 'pence' };

function named(one: string, many = `${one}s`, cent: Currency['cent'] = null): Currency {
  return { one, many, cent };
}

/** Keyed by the sign as written; longer signs come first when searched. */
export const CURRENCY_SIGNS: ReadonlyMap<string, Currency> = new Map([
  ['US$', named('U S dollar', 'U S dollars', CENT)],
  ['A$', named('Australian dollar', 'Australian dollars', CENT)],
  ['AU$', named('Australian dollar', 'Australian dollars', CENT)],
  ['C$', named('Canadian dollar', 'Canadian dollars', CENT)],
  ['CA$', named('Canadian dollar', 'Canadian dollars', CENT)],
  ['HK$', named('Hong Kong dollar', 'Hong Kong dollars', CENT)],
  ['NZ$', named('New Zealand dollar', 'New Zealand dollars', CENT)],
  ['NT$', named('Taiwan dollar', 'Taiwan dollars', CENT)],
  ['S$', named('Singapore dollar', 'Singapore dollars', CENT)],
  ['R$', named('real', 'reais', { one: 'centavo', many: 'centavos' })],
  ['$', named('dollar', 'dollars', CENT)],
  ['€', named('euro', 'euros', CENT)],
  ['£', named('pound', 'pounds', PENNY)],
  ['₩', named('won', 'won')],
  ['¥', named('yen', 'yen')],
  ['₹', named('rupee', 'rupees', { one: 'paisa', many: 'paise' })],
  ['₽', named('ruble', 'rubles', { one: 'kopek', many: 'kopeks' })],
  ['₺', named('lira', 'lira')],
  ['₴', named('hryvnia', 'hryvnias')],
  ['₫', named('dong', 'dong')],
  ['₱', named('peso', 'pesos', { one: 'centavo', many: 'centavos' })],
  ['₪', named('shekel', 'shekels')],
  ['₦', named('naira', 'naira')],
  ['zł', named('zloty', 'zlotys')],
  ['kr', named('krona', 'kronor')],
  ['Kč', named('koruna', 'korunas')],
  ['Rs.', named('rupee', 'rupees')],
  ['Rs', named('rupee', 'rupees')],
  ['฿', named('baht', 'baht')],
  ['₿', named('bitcoin', 'bitcoins')],
  ['₡', named('colon', 'colones')],
  ['₲', named('guarani', 'guaranies')],
  ['₸', named('tenge', 'tenge')],
  ['₵', named('cedi', 'cedis')],
]);

/** Currency codes in use (ISO 4217) that are named here rather than spelled. */
const CODES =
  'USD EUR GBP KRW JPY CNY INR CHF CAD AUD NZD HKD SGD TWD SEK NOK DKK PLN CZK HUF RUB TRY UAH BRL MXN ZAR ILS THB VND IDR PHP MYR AED SAR EGP NGN ARS CLP COP PEN RON BGN ISK BTC ETH';
export const CURRENCY_CODES: readonly string[] = CODES.split(' ');

const CODE_SIGNS: Readonly<Record<string, string>> = { USD: 'US$', EUR: '€', BTC: '₿' };
/** Codes that Intl does not know, or names differently. */
const CODE_NAMES: Readonly<Record<string, Currency>> = {
  ETH: named('ether', 'ether'),
  GBP: named('pound', 'pounds', PENNY),
  JPY: named('yen', 'yen'),
};

/** The currency of a code, named as Intl names it; undefined for other codes. */
export function currencyOfCode(code: string): Currency | undefined {
  if (!CURRENCY_CODES.includes(code)) return undefined;
  const sign = CODE_SIGNS[code];
  if (sign !== undefined) return CURRENCY_SIGNS.get(sign);
  return CODE_NAMES[code] ?? named(intlName(code, 1), intlName(code, 2));
}

function intlName(code: string, amount: number): string {
  const parts = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: code,
    currencyDisplay: 'name',
  }).formatToParts(amount);
  return parts.find(({ type }) => type === 'currency')?.value ?? code;
}
