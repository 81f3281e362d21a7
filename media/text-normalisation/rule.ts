/** One rewriting of a text: every match of a pattern becomes words. */
export interface Rule {
  /** Global; without nested repetition, so that a text of any kind takes linear time. */
  readonly pattern: RegExp;
  /** Gets the match and its groups. */
  readonly say: (whole: string, ...groups: (string | undefined)[]) => string;
}

/** Applies the rules one after another. */
export function applyRules(text: string, rules: readonly Rule[]): string {
  let said = text;
  for (const { pattern, say } of rules) {
    said = said.replace(pattern, (whole: string, ...rest: unknown[]) =>
      // Behind the groups come the offset (a number) and the whole text.
      say(whole, ...groupsOf(rest)),
    );
  }
  return said;
}

function groupsOf(rest: readonly unknown[]): (string | undefined)[] {
  const end = rest.findIndex((value) => typeof value === 'number');
  return rest.slice(0, end).map((value) => (typeof value === 'string' ? value : undefined));
}
