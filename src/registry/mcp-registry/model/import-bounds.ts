/** Servers that one import takes at most, from a registry or a body. */
export const mostImported = 500;
