/** Calls a service, whichever transport it speaks. */
import { OrchestratorError } from '../base/errors.ts';
import type { EgressPolicy } from './address-policy.ts';
import { createEgress, type Egress, type EgressOptions } from './egress.ts';
import { createMcpCaller } from './mcp/mcp-caller.ts';
import type { EvaluatedCall } from './model/call.ts';
import { createRestCaller } from './rest/rest-caller.ts';
import type { Answered, CallContext, CallTarget } from './service-call.ts';

export type { Answered, CallContext, CallTarget } from './service-call.ts';

export interface ServiceCaller {
  /**
   * The result of the call as a JSON value, with warnings. Throws OrchestratorError with a `service.*` code,
   * `step.result-too-large`, or `execution.cancelled` when the signal of the context aborts.
   */
  call(target: CallTarget, call: EvaluatedCall, context: CallContext): Promise<Answered>;
  /** Closes every connection; calls under way fail. */
  close(): void;
}

export interface ServiceCallerOptions extends Omit<EgressOptions, 'policy'> {
  readonly egress: EgressPolicy;
}

export const createServiceCaller = ({ egress: policy, ...options }: ServiceCallerOptions): ServiceCaller =>
  serviceCallerOver(createEgress({ policy, ...options }));

export function serviceCallerOver(egress: Egress): ServiceCaller {
  const mcp = createMcpCaller(egress);
  const rest = createRestCaller(egress);
  return {
    async call(target, call, context) {
      if (target.transport === 'mcp' && 'tool' in call) return await mcp.call(target, call, context);
      if (target.transport === 'rest' && 'request' in call) return await rest.call(target, call, context);
      throw mismatch(target);
    },
    close: () => egress.close(),
  };
}

function mismatch({ service, transport }: CallTarget): OrchestratorError {
  const [given, wanted] = transport === 'mcp' ? ['request', 'tool'] : ['tool', 'request'];
  const message = `Service ${service} speaks ${transport}: call it with \`${wanted}\``;
  const errors = [
    { path: given, message: `is not for this service, which speaks ${transport}: give a ${wanted}` },
  ];
  return new OrchestratorError('service.wrong-kind', message, { errors });
}
