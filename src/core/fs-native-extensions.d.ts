/** What is used of it; the package brings no types. */
declare module 'fs-native-extensions' {
  /** @returns false when somebody else holds a lock that excludes this one */
  export function tryLock(fd: number, options?: { readonly shared?: boolean }): boolean;
}
