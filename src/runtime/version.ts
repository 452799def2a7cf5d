/** The version of this service, as clients see it. */
export const version = '0.1.0';
