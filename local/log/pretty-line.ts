/** A line of the log for people: `12:03:04.567 INFO  step attempt  workflowId=… step=fetch (run-step)`. */
import { styleText } from 'node:util';
import { type LogLine, lineOf } from '../../src/monitor/logs/model/log-line.ts';

const colors = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;

/** As it is where it is no line of ours. */
export function prettyLine(written: string, { colored }: { readonly colored: boolean }): string {
  const line = lineOf(written);
  if (!line) return written;
  const { time = '', level = 'info', message, function: name } = line;
  const paint = (color: 'gray' | (typeof colors)[typeof level], text: string): string =>
    colored ? styleText(color, text) : text;
  const head = `${paint('gray', clockTime(time))} ${paint(colors[level], level.toUpperCase().padEnd(5))}`;
  const rest = [...fieldsOf(line).map(([key, value]) => `${paint('gray', `${key}=`)}${shown(value)}`)];
  return [head, message, ...rest, paint('gray', `(${name})`)].join(' ');
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
