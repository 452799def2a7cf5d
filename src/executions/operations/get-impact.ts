/** Shows what stops working when a service stops. */
import * as z from 'zod';
import { defineOperation } from '../../operation/operation.ts';
import { isWorkflow, nameOf } from '../../registry/dependencies/model/graph.ts';
import { type Affected, impactOf } from '../../registry/dependencies/model/impact.ts';
import { readArrows, registeredOf } from '../../registry/dependencies/read-graph.ts';
import { unknownService } from '../../registry/services/model/service-reference.ts';
import { Name } from '../../registry/services/model/service-terms.ts';
import { RunningExecutions, runningOf } from '../running-executions.ts';
import type { ExecutionOperationContext } from './context.ts';

const Effect = z
  .enum(['stops', 'degraded'])
  .describe('stops: it requires what stops; degraded: it or something between needs it only optionally');
const Path = z.array(z.string()).describe('The way to the service, what is affected first');

export const getImpact = defineOperation({
  id: 'get_impact',
  summary: 'Show what stops working when a service stops: services, workflows and running executions',
  input: z.strictObject({ service: Name.describe('The service that would stop') }),
  output: z.object({
    service: z.string(),
    registered: z.boolean(),
    services: z.array(z.object({ service: z.string(), effect: Effect, direct: z.boolean(), path: Path })),
    workflows: z.array(
      z.object({
        workflow: z.string(),
        effect: Effect,
        direct: z.boolean(),
        path: Path,
        running: RunningExecutions.optional().describe('Looked up for the first 50 workflows'),
      }),
    ),
  }),
  errors: ['service.not-found'],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/services/{service}/impact', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: ExecutionOperationContext, { service }) {
    const affected = impactOf((await readArrows(context)).arrows, service);
    const registered = (await registeredOf(context, [service])).has(service);
    if (affected.length === 0 && !registered) throw unknownService(service);
    const services = affected.filter(({ node }) => !isWorkflow(node));
    const workflows = affected.filter(({ node }) => isWorkflow(node));
    const running = await runningOf(context, workflows);
    return {
      service,
      registered,
      services: services.map((one) => ({ service: one.node, ...affectedToShown(one) })),
      workflows: workflows.map((one, index) => ({
        workflow: nameOf(one.node),
        ...affectedToShown(one),
        ...(running[index] && { running: running[index] }),
      })),
    };
  },
});

const affectedToShown = ({ effect, direct, path }: Affected) => ({ effect, direct, path: path.map(nameOf) });
