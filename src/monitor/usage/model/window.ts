/** The time that is asked about, in whole minutes, and how finely its series is cut. */
import { OrchestratorError } from '../../../base/errors.ts';

const minuteMs = 60_000;
export const mostMinutes = 31 * 24 * 60;
/** What is longer is read by the hour. */
const longMinutes = 24 * 60;

const resolutions = [1, 5, 15, 60, 360, 1440];

interface Asked {
  readonly windowMinutes?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly resolutionMinutes?: number | undefined;
}

/** Minutes since the epoch: the first one, and the first one after it. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly resolution: number;
  /** How much of it is over, in minutes: what rates are counted by. */
  readonly lasted: number;
}

/** Throws `request.invalid`. */
export function windowOf({ windowMinutes, from, to, resolutionMinutes }: Asked, nowMs: number): Window {
  if (windowMinutes !== undefined && (from ?? to) !== undefined)
    throw refused('windowMinutes', 'goes back from now: leave it out, or from and to');
  if (from === undefined && to !== undefined) throw refused('from', 'is needed with to');
  const end = Math.ceil(Math.min(to === undefined ? nowMs : Date.parse(to), nowMs) / minuteMs);
  const asked = from === undefined ? end - (windowMinutes ?? 60) : Math.floor(Date.parse(from) / minuteMs);
  const begin = end - asked > longMinutes ? Math.floor(asked / 60) * 60 : asked;
  if (begin >= end) throw refused('from', 'must be earlier than to, and than now');
  if (end - asked > mostMinutes) throw refused('from', 'must be at most 31 days before to');
  const resolution = resolutionMinutes ?? resolutions.find((each) => (end - begin) / each <= 24) ?? 1440;
  if (isLong({ from: begin, to: end }) && resolution % 60 !== 0)
    throw refused('resolutionMinutes', 'must be whole hours where the window is longer than a day');
  return { from: begin, to: end, resolution, lasted: lastedOf(begin, end, nowMs) };
}

export const isLong = ({ from, to }: Pick<Window, 'from' | 'to'>): boolean => to - from > longMinutes;

const lastedOf = (begin: number, end: number, nowMs: number): number =>
  Math.max(1 / 60, Math.min(end, nowMs / minuteMs) - begin);

/** What is left of it where not everything was read. */
export const cutTo = (window: Window, cutBefore: number | undefined): Window =>
  cutBefore === undefined || cutBefore <= window.from
    ? window
    : { ...window, from: cutBefore, lasted: Math.max(1 / 60, window.lasted - (cutBefore - window.from)) };

export const isoOfMinute = (minute: number): string => new Date(minute * minuteMs).toISOString();

const refused = (path: string, message: string): OrchestratorError =>
  new OrchestratorError('request.invalid', `${path}: ${message}`, { errors: [{ path, message }] });
