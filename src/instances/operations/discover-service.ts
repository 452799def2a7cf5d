/** Finds who can be called, now or when something has changed. */
import * as z from 'zod';
import { createBell } from '../../base/bell.ts';
import { wholeNumber } from '../../base/bounded-number.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import { defineOperation } from '../../operation/operation.ts';
import {
  parseReference,
  ServiceReference,
  unknownService,
} from '../../registry/services/model/service-reference.ts';
import { Tag } from '../../registry/services/model/service-terms.ts';
import type { InstanceOperationContext } from '../context.ts';
import { comparedParts, type DiscoveryQuery, discover, mostDiscovered } from '../discover.ts';
import { discoverUpstream } from '../discover-upstream.ts';
import { Instance } from '../model/instances.ts';

/** Within a second of a change, reading and answering included. */
const lookEveryMs = 400;

const Discovered = z.object({
  revision: z.string().describe('Changes when the answer does; pass it back with wait'),
  services: z
    .array(
      z.object({
        name: z.string(),
        versions: z.array(z.string()).describe('Those in the range with the tag, highest first'),
        instances: z.array(Instance).describe('Those of the highest version first'),
        source: z
          .enum(['registry', 'upstream'])
          .describe('upstream: not registered here, but in the registry of SERVICE_REGISTRY_URL'),
        upstream: z
          .object({ registry: z.string(), server: z.string() })
          .optional()
          .describe('Url of that registry, and what the service is called there'),
      }),
    )
    .describe(`At most ${mostDiscovered}`),
  truncated: z.boolean().describe('Whether more services have the tag'),
});

export const discoverService = defineOperation({
  id: 'discover_service',
  summary:
    'Find the healthy instances of a service or of a tag; with wait and a revision, answer when they change',
  input: z
    .strictObject({
      service: ServiceReference.optional().describe('A name, perhaps with a range: gmail, or gmail@^1.2'),
      tag: Tag.optional().describe('Services with this tag'),
      includeUnhealthy: z.boolean().default(false).describe('Also instances that are not healthy'),
      revision: z.string().min(1).max(64).optional().describe('The revision of an earlier answer'),
      wait: wholeNumber({ from: 0, to: 25, example: 20 })
        .default(0)
        .describe(
          'With a revision: answer when there is another one, or with the same one after so many seconds',
        ),
    })
    .refine(({ service, tag }) => service !== undefined || tag !== undefined, {
      path: ['service'],
      error: 'is required, unless there is a tag',
    })
    .refine(({ revision, wait }) => wait === 0 || revision !== undefined, {
      path: ['revision'],
      error: 'is required to wait for another one',
    }),
  output: Discovered,
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/discovery', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  async run(context: InstanceOperationContext, { revision, wait, ...query }, { signal }) {
    const deadline = context.clock.now() + wait * 1000;
    const bell = createBell(signal);
    try {
      for (;;) {
        const answer = await answerTo(context, query);
        const leftMs = deadline - context.clock.now();
        if (answer.revision !== revision || leftMs <= 0 || signal?.aborted) return answer;
        await bell.within(Math.min(lookEveryMs, leftMs));
      }
    } finally {
      bell.close();
    }
  },
});

async function answerTo(
  context: InstanceOperationContext,
  query: DiscoveryQuery,
): Promise<z.infer<typeof Discovered>> {
  const discovery = (await discover(context, query)) ?? (await discoverUpstream(context.findUpstream, query));
  if (!discovery) throw unknownService(parseReference(query.service ?? '').name);
  return { revision: context.hash(canonicalJson(comparedParts(discovery))).slice(0, 32), ...discovery };
}
