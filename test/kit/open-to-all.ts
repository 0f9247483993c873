/** A service under test lets everyone in, unless its test is about who gets in. */
export const openToAll = { AUTH: 'none' } as const;
