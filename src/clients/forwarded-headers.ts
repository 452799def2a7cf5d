/** The headers of a request without faults (domain/request-faults.ts), in lower case. Undefined and null are left out. */
export const forwardedHeaders = (given: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name.toLowerCase(), String(value)]],
    ),
  );
