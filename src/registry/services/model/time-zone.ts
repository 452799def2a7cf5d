/** Which names of time zones are known where this runs. */

/** Looking one up takes longer than all else in a registration, and registrations are parsed whenever they are read. */
const known = new Set<string>();
const mostKnown = 1_000;

/** A name of the IANA database, such as `Europe/Berlin` or `UTC`; offsets are none, as they have no summer. */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name) || !isFound(name)) return false;
  if (known.size < mostKnown) known.add(name);
  return true;
}

function isFound(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
