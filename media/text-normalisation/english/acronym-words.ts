/** Decides which words in capitals are read as words. */

/** Acronyms that are read as words, although most others of their length are spelled out. */
const READ = new Set(
  'NASA NATO OPEC AIDS RAM ROM PIN SIM GIF VAT LASER RADAR SONAR SCUBA UNICEF UNESCO ASCII JPEG COVID SARS MERS FIFA UEFA NAFTA ASAP SWAT WASP YOLO FOMO GAAP DARPA NOAA OSHA ASEAN CERN BREXIT SWIFT BASIC WIMAX HAZMAT NORAD POTUS SCOTUS FLOTUS SNAP STEM CAPTCHA GDPA NIMBY PEMDAS REST SOAP AJAX JSON SaaS CRUD LAN WAN MAC WHO'.split(
    ' ',
  ),
);
/** Short words that are written in capitals for emphasis. */
const SHORT_WORDS =
  'A I AN AS AT BE BY DO GO HE IF IN IS IT ME MY NO OF OH ON OR SO TO UP WE HI OK AM ALL AND ANY ARE ASK BAD BIG BUT CAN CAR CUT DAD DAY DID DIE DOG EAT END FAR FEW FIX FOR FUN GET GOD GOT GUY HAD HAS HER HEY HIM HIS HIT HOT HOW ITS JOB KEY LET LIE LOT LOW MAD MAN MAY MEN MOM NEW NOT NOW ODD OFF OLD ONE OUR OUT OWN PAY PUT RED RUN SAD SAW SAY SEE SET SEX SHE SIT SIX SON SUN TEN THE TOO TOP TRY TWO USE WAR WAS WAY WHY WIN WON YES YET YOU ZOO HA WOW BOO UH UM AH YEAH AGO AID AIR ART BAG BED BOX BOY BUS BUY CAT CUP EAR EGG EYE FAN FAT FLY FOX GAS GUN HAT ICE ILL INK JOY KID LAW LEG LIP MAP MIX NET NUT OIL PAN PEN PET PIE PIG RAT RAW ROW SEA SKY TAX TEA TIE TOE TOY VAN WET ADD BET BIT DRY FED FIT FOG HIT HUG ICY JAM LAY LED LID LOG MUD NOD OWE PAT RIP ROB RUB SHY SIN SKI SLY SPA SPY SUE TAP TIN TIP TON TUB TUG VOW WAX WEB WIT';
const EMPHASISED = new Set(SHORT_WORDS.split(' '));
/** Pronounceable and longer than three letters, but spelled out all the same. */
const SPELLED = new Set('ISBN HDMI IMDB ACLU NAACP USDA USAF AARP UCLA USSR HTML CIO'.split(' '));
/** Capitals that are spelled out even if they look like short words: `the US`, `IT department`. */
const SPELLED_SHORT = new Set(
  'US UK EU UN AI UI UX TV PC ID IO OS VR AR EV LA DC NY UFO UAE LED VIP HIV SUV IT'.split(' '),
);

const ONSET =
  /^(?:[BCDFGHJKLMNPQRSTVWXYZ]?|[BCFGKPST]L|[BCDFGKPT]R|[CSTPWKG]H|S[CKLMNPQTVW]|S[CPT]R|SCH|KN|WR|QU|TW|DW|GN|PS|TH[RW]|SHR|CHR)$/;
const CODA =
  /^(?:[BCDFGKLMNPRSTVWXYZH]{0,1}|[LNRM][BDFGKLMNPSTVCXZ]|[SXFPCK]T|S[KMP]|[CSTPN]H|[BCDFGLKMNPT]S|CK|LL|SS|FF|TT|ZZ|NG|GH|GHT|RST|NDS|NTS|RTS|MP[ST]|NCH|RCH|TCH|LTH|[NR]TH|[LR][DKT]S?|NKS?|RNS?|RMS?|WN|WS|YS|CTS|STS|SHT|PTS|RKS)$/;

/** Whether a word in capitals is spelled out letter by letter. @param word two capitals or more */
export function isSpelled(word: string): boolean {
  if (READ.has(word)) return false;
  if (SPELLED.has(word) || SPELLED_SHORT.has(word)) return true;
  if (word.length <= 3) return !EMPHASISED.has(word);
  return !isPronounceable(word);
}

/** Whether the capitals form syllables that English has. */
export function isPronounceable(word: string): boolean {
  const clusters = word.split(/[AEIOUY]+/);
  if (clusters.length === 1) return false;
  const [onset = ''] = clusters;
  const coda = clusters.at(-1) ?? '';
  const middle = clusters.slice(1, -1);
  return ONSET.test(onset) && CODA.test(coda) && middle.every((cluster) => cluster.length <= 3);
}
