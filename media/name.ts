/** Names in the form in which they are compared. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
