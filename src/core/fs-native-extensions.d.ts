/** The part of it that is used; the package comes without types. */
declare module 'fs-native-extensions' {
  /** @returns false when somebody else holds a lock that excludes this one */
  export function tryLock(fd: number, options?: { readonly shared?: boolean }): boolean;
}
