/** How often what runs by a schedule runs, in seconds: here a look costs nothing, on AWS each one is paid for. */
const cadences = {
  sweep: { local: 60, aws: 300 },
  lifecycle: { local: 2, aws: 60 },
  'check-health': { local: 0.5, aws: 60 },
  /** And whenever an event has been kept. */
  'deliver-events': { local: 5, aws: 60 },
  'refresh-services': { local: 15, aws: 900 },
} as const satisfies Record<string, { readonly local: number; readonly aws: number }>;

type Scheduled = keyof typeof cadences;

interface News {
  readonly INSTANCE_NEWS?: unknown;
  readonly EVENT_NEWS?: unknown;
}

/** In local mode all functions are one process, which has news. */
export const cadenceOf = (name: Scheduled, { INSTANCE_NEWS, EVENT_NEWS }: News): number =>
  cadences[name][INSTANCE_NEWS === undefined && EVENT_NEWS === undefined ? 'aws' : 'local'];

/** Name and seconds, as local mode schedules them. */
export const localCadences = Object.entries(cadences).map(([name, { local }]) => [name, local] as const);
