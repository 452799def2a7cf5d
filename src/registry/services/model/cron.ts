/**
 * The cron expressions of schedules: minute, hour, day of the month, month, day of the week, each a `*`, numbers, ranges
 * and lists of them, with steps; months and days of the week by name too. When one comes is for others to say.
 */
interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Of numbers from `from` on. */
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: months },
  { name: 'day of the week', from: 0, to: 7, names: days },
];
const dayOfMonth = 2;
const month = 3;
const dayOfWeek = 4;
const mostDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Why a text is no cron expression that ever comes; nothing where it is one. */
export function cronFault(text: string): string | undefined {
  const parts = text.split(' ');
  if (parts.length !== fields.length)
    return 'must have five fields, minute hour day month weekday, such as 0 8 * * 1-5';
  const values = fields.map((field, index) => valuesOf(parts[index] ?? '', field));
  const bad = values.indexOf(undefined);
  if (bad !== -1) return faultOf(parts[bad] ?? '', fields[bad]);
  const anyWeekday = parts[dayOfWeek] === '*';
  const comes = !anyWeekday || hasDay(values[month] ?? [], values[dayOfMonth] ?? []);
  return comes ? undefined : 'never comes: no such month has such a day';
}

const faultOf = (part: string, field: Field | undefined): string =>
  `has ${part === '' ? 'nothing' : part} as its ${field?.name}: must be *, or from ${field?.from} to ${field?.to}`;

const hasDay = (inMonths: readonly number[], onDays: readonly number[]): boolean =>
  inMonths.some((one) => onDays.some((day) => day <= (mostDays[one - 1] ?? 0)));

/** The numbers that a field stands for; undefined where it is not written as one. */
function valuesOf(part: string, field: Field): number[] | undefined {
  const items = part.split(',').map((item) => itemOf(item, field));
  const values = items.flatMap((item) => item ?? []);
  return items.includes(undefined) ? undefined : values;
}

/** A `*`, a number or a range; a step only after what stands for several. */
const itemShape = /^(?:\*|([0-9a-z]{1,3})(?:-([0-9a-z]{1,3}))?)(?:\/([0-9]{1,2}))?$/i;

function itemOf(item: string, field: Field): number[] | undefined {
  const found = itemShape.exec(item);
  if (found === null) return undefined;
  const [, first, last, step] = found;
  if (step !== undefined && first !== undefined && last === undefined) return undefined;
  const from = first === undefined ? field.from : numberOf(first, field);
  const to = first === undefined ? field.to : last === undefined ? from : numberOf(last, field);
  const by = Number(step ?? 1);
  if (from === undefined || to === undefined || from > to || by < 1 || by > field.to) return undefined;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function numberOf(text: string, { names = [], from, to }: Field): number | undefined {
  const index = names.indexOf(text.toLowerCase());
  const value = index === -1 ? Number(text) : from + index;
  return Number.isInteger(value) && value >= from && value <= to ? value : undefined;
}
