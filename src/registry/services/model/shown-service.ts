/** A version of a service as callers see it: without the values that its driver gives to what it starts, which may be secret. */
import * as z from 'zod';
import { type Driver, type OneDriver, platforms } from './driver.ts';
import { Service } from './services.ts';

const hidden = 'hidden';

export const ShownService = Service.omit({ driver: true }).extend({
  driver: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('As it was registered; the values of environment variables and parameters are hidden'),
});
export type ShownService = z.infer<typeof ShownService>;

export const serviceToShown = ({ driver, ...service }: Service): ShownService =>
  driver === undefined ? service : { ...service, driver: shownDriver(driver) };

function shownDriver(driver: Driver): Record<string, unknown> {
  if (driver.kind !== undefined) return shownOne(driver);
  return Object.fromEntries(
    platforms.flatMap((platform) => {
      const one = driver[platform];
      return one === undefined ? [] : [[platform, shownOne(one)]];
    }),
  );
}

const withValues = ['env', 'parameters'];

const shownOne = ({ kind, settings }: OneDriver): Record<string, unknown> => ({
  kind,
  settings: Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      withValues.includes(name) && typeof value === 'object' && value !== null ? namesOf(value) : value,
    ]),
  ),
});

const namesOf = (values: object): Record<string, string> =>
  Object.fromEntries(Object.keys(values).map((name) => [name, hidden]));
