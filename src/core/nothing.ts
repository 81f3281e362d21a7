/** Does nothing. One function for all: where there are thousands, as for connections, a closure each is memory. */
export const nothing = (): void => {};
