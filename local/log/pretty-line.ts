/** A line of the log for people: `12:03:04.567 INFO  step attempt  workflowId=… step=fetch (run-step)`. */
import { type LogLine, lineOf } from '../../src/monitor/logs/model/log-line.ts';

/** Codes of colors (ECMA-48, SGR). */
const gray = 90;
const colors = { debug: gray, info: 32, warn: 33, error: 31 } as const;

/** As it is where it is no line of ours. */
export function prettyLine(written: string, { colored }: { readonly colored: boolean }): string {
  const line = lineOf(written);
  if (!line) return written;
  const { time = '', level = 'info', message, function: name } = line;
  const paint = (color: number, text: string): string =>
    colored ? `\u001b[${color}m${text}\u001b[39m` : text;
  const head = `${paint(gray, clockTime(time))} ${paint(colors[level], level.toUpperCase().padEnd(5))}`;
  const rest = [...fieldsOf(line).map(([key, value]) => `${paint(gray, `${key}=`)}${shown(value)}`)];
  return [head, message, ...rest, paint(gray, `(${name})`)].join(' ');
}

function fieldsOf({ workflowId, step, service, instance, fields = {} }: LogLine): [string, unknown][] {
  const all = { workflowId, step, service, instance, ...fields };
  return Object.entries(all).filter(([, value]) => value !== undefined);
}

const shown = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

/** As the clock of this machine shows it. */
function clockTime(time: string): string {
  const at = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
