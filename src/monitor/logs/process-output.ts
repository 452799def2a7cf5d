/**
 * What an instance printed, as its driver keeps it. Such lines have no time of their own, and no place either: a cursor
 * remembers the last ones that were given, and what comes after them is new.
 */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { redactLines } from '../../base/redact.ts';
import { startOf } from '../../instances/driven-start.ts';
import type { Drivers } from '../../instances/driver.ts';
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import type { LogPage, Reading } from './log-source.ts';

export interface OutputContext {
  readonly drivers: Drivers | undefined;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
}

const mostLooked = 5_000;
const longestLine = 8_192;
/** Lines repeat; so many in the same order seldom do. */
const remembered = 5;

const Seen = z.array(z.string().max(16)).max(remembered);

/** Throws `driver.not-available` where no driver here keeps what its instances print. */
export async function readOutput(
  context: OutputContext,
  instance: DrivenInstance,
  { position, limit }: Reading,
): Promise<LogPage> {
  const driver = context.drivers?.get(instance.driver.kind);
  const said = await driver?.logs(startOf(instance), mostLooked);
  if (said === undefined) throw keepsNone(instance);
  const seen = position === undefined ? undefined : Seen.safeParse(position).data;
  const { news, lost } = newsAfter(context, said, seen);
  const given = seen === undefined ? news.slice(-limit) : news.slice(0, limit);
  const before = said.slice(0, said.length - news.length);
  const last = seen === undefined ? said : [...before, ...given];
  return {
    lines: redactLines(given.map((line) => line.slice(0, longestLine))).map((message) => ({
      source: 'process' as const,
      message,
      service: instance.service,
      instance: instance.id,
    })),
    position: last.slice(-remembered).map((line) => markOf(context, line)),
    more: seen !== undefined && given.length < news.length,
    lost,
  };
}

const markOf = ({ hash }: OutputContext, line: string): string => hash(line).slice(0, 16);

/** Everything, where what was given last is not there any more. */
function newsAfter(
  context: OutputContext,
  said: readonly string[],
  seen: readonly string[] | undefined,
): { readonly news: readonly string[]; readonly lost: boolean } {
  if (seen === undefined || seen.length === 0) return { news: said, lost: false };
  const marks = said.map((line) => markOf(context, line));
  for (let end = marks.length; end >= seen.length; end--) {
    const isHere = seen.every((mark, at) => marks[end - seen.length + at] === mark);
    if (isHere) return { news: said.slice(end), lost: false };
  }
  return { news: said, lost: true };
}

const keepsNone = ({ service, id, driver }: DrivenInstance): OrchestratorError =>
  new OrchestratorError(
    'driver.not-available',
    `What instance ${id} of ${service} prints is not kept here: its driver is ${driver.kind}; look where that platform keeps it`,
  );
