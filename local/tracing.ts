/** What tells spans in local mode: once for all functions, since they are one process. */
import type { Tracing } from '../src/base/spans.ts';
import { createSpanTeller } from '../src/runtime/contexts/tracing.ts';
import { createLog } from '../src/runtime/log.ts';
import { parseHeaders } from '../src/runtime/otlp/headers.ts';
import type { LocalLog } from './log/local-log.ts';
import type { Started } from './started.ts';
import type { SystemOptions } from './system-options.ts';

/** Undefined where nobody is to be told. What was recorded last is sent when the system ends. Throws for wrong headers. */
export function startTracing(
  { tracing, logLevel, logOutput }: SystemOptions,
  local: LocalLog,
  started: Started,
): Tracing | undefined {
  if (tracing?.endpoint === undefined) return undefined;
  const { endpoint, headers, serviceName } = tracing;
  if (headers !== undefined) parseHeaders(headers);
  const config = {
    STAGE: 'local',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: headers,
    OTEL_SERVICE_NAME: serviceName,
  };
  const log = createLog('traces', { LOG_LEVEL: logLevel, LOG_OUTPUT: logOutput, LOG_SINK: local.write });
  return started.add(createSpanTeller(config, log), (teller) => teller.close());
}
