/** Does nothing. One function for all: with thousands of users, such as connections, a closure each would cost memory. */
export const nothing = (): void => {};
