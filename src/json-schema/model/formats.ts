/** The formats of JSON Schema that are checked, and those of OpenAPI for numbers and bytes. Any other says nothing. */

const hex = '[0-9A-Fa-f]';
const unreserved = `A-Za-z0-9._~\\-`;
const subDelimiters = `!$&'()*+,;=`;
const encoded = `%${hex}{2}`;
const pathCharacter = `(?:[${unreserved}${subDelimiters}:@]|${encoded})`;
const authority = `(?:(?:[${unreserved}${subDelimiters}:]|${encoded})*@)?(?:\\[[0-9A-Fa-fv:.]+\\]|(?:[${unreserved}${subDelimiters}]|${encoded})*)(?::[0-9]*)?`;
const segments = `(?:/${pathCharacter}*)*`;
const tail = `(?:\\?(?:${pathCharacter}|[/?])*)?(?:#(?:${pathCharacter}|[/?])*)?`;
const withAuthority = `//${authority}${segments}`;
const absolutePath = `/(?:${pathCharacter}+${segments})?`;
const rootless = `${pathCharacter}+${segments}`;
const noScheme = `(?:[${unreserved}${subDelimiters}@]|${encoded})+${segments}`;

/** RFC 3986. */
const uri = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.\\-]*:(?:${withAuthority}|${absolutePath}|${rootless})?${tail}$`,
);
const relative = new RegExp(`^(?:${withAuthority}|${absolutePath}|${noScheme})?${tail}$`);

/** RFC 6570. */
const variable = `(?:[A-Za-z0-9_]|${encoded})(?:[A-Za-z0-9_.]|${encoded})*(?::[1-9][0-9]{0,3}|\\*)?`;
const uriTemplate = new RegExp(
  `^(?:[^\\x00-\\x20"'<>%\\\\^\`{|}]|${encoded}|\\{[+#./;?&=,!@|]?${variable}(?:,${variable})*\\})*$`,
);

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const hostname = new RegExp(`^${label}(?:\\.${label})*$`);
const atom = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]+`;
const email = new RegExp(`^${atom}(?:\\.${atom})*@${label}(?:\\.${label})*$`);

/** RFC 5321: 64 characters, an @, and a host name. */
const longestEmail = 64 + 1 + 255;

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

const pointer = /^(?:\/(?:[^~/]|~[01])*)*$/;
const fragmentPointer = new RegExp(`^#(?:/(?:[${unreserved}!$&'()*+,;=:@]|${encoded})*)*$`);

const texts: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  date: isDate,
  'date-time': (text) => isDateTime(text, true),
  duration: (text) =>
    /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/.test(text),
  email: (text) => text.length <= longestEmail && email.test(text),
  hostname: (text) => text.length <= 253 && hostname.test(text),
  ipv4: (text) => ipv4.test(text),
  ipv6: isIpv6,
  'iso-date-time': (text) => isDateTime(text, false),
  'iso-time': (text) => isTime(text, false),
  'json-pointer': (text) => pointer.test(text),
  'json-pointer-uri-fragment': (text) => fragmentPointer.test(text),
  regex: isRegex,
  'relative-json-pointer': (text) => {
    const [, rest] = /^(?:0|[1-9][0-9]*)(#|(?:\/.*)?)$/s.exec(text) ?? [];
    return rest === '#' || (rest !== undefined && pointer.test(rest));
  },
  time: (text) => isTime(text, true),
  uri: (text) => uri.test(text),
  'uri-reference': (text) => uri.test(text) || relative.test(text),
  'uri-template': (text) => uriTemplate.test(text),
  url: (text) => /^(?:https?|ftp):/i.test(text) && URL.canParse(text),
  uuid: (text) => /^(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
};

const numbers: Readonly<Record<string, (value: number) => boolean>> = {
  int32: (value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31,
  int64: (value) => Number.isInteger(value),
};

/** Whether a value is of a format, or the format says nothing of such a value. */
export function hasFormat(format: string, value: unknown): boolean {
  if (typeof value === 'string') return !Object.hasOwn(texts, format) || texts[format]?.(value) === true;
  if (typeof value === 'number') return !Object.hasOwn(numbers, format) || numbers[format]?.(value) === true;
  return true;
}

/** Longer ones are read in a time that nothing can end. */
const longestRegex = 10_000;

function isRegex(text: string): boolean {
  if (text.length > longestRegex) return false;
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

/** RFC 3339; a leap second only at the end of a day in UTC. */
function isTime(text: string, needsZone: boolean): boolean {
  const parts = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:(z)|([+-])([0-9]{2}):?([0-9]{2})?)?$/i.exec(
    text,
  );
  if (!parts) return false;
  const [hour = 0, minute = 0, second = 0] = parts.slice(1, 4).map(Number);
  const [zulu, sign, zoneHour = '0', zoneMinute = needsZone ? undefined : '0'] = parts.slice(4);
  if (needsZone && zulu === undefined && (sign === undefined || zoneMinute === undefined)) return false;
  const offset = Number(zoneHour) * 60 + Number(zoneMinute ?? 0);
  if (hour > 23 || minute > 59 || Number(zoneHour) > 23 || Number(zoneMinute ?? 0) > 59) return false;
  const minuteOfDay = hour * 60 + minute + (sign === '-' ? offset : -offset);
  return (
    second < 60 || (second === 60 && (minuteOfDay + 2 * minutesPerDay) % minutesPerDay === minutesPerDay - 1)
  );
}

const minutesPerDay = 1440;

function isDateTime(text: string, needsZone: boolean): boolean {
  const [date = '', time = '', ...more] = text.split(/[Tt ]/);
  return more.length === 0 && isDate(date) && isTime(time, needsZone);
}

/** RFC 4291: eight groups, of which `::` stands for one or more, and the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const dotted = last !== undefined && ipv4.test(last) && !text.endsWith('::');
  const plain = dotted ? groups.slice(0, -1) : groups;
  const count = plain.length + (dotted ? 2 : 0);
  return (
    plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    (halves.length === 2 ? count < 8 : count === 8)
  );
}
