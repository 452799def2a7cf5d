/** Exports spans by OTLP over HTTP, as JSON, in batches (OpenTelemetry SDK). It is loaded only where an endpoint is configured. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../../base/log.ts';
import type { EndedSpan } from '../../base/spans.ts';
import type { TellingConfig } from '../config.ts';
import { version } from '../version.ts';
import { headersOf } from './headers.ts';
import { toReadableSpan } from './readable-span.ts';

export interface ReadySpanExporter {
  record(span: EndedSpan): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const sendTimeoutMs = 5_000;

/** Throws where the headers cannot be read. */
export async function createSpanExporter(config: TellingConfig, log: Log): Promise<ReadySpanExporter> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '',
    OTEL_SERVICE_NAME: name = 'orchestrator',
    STAGE: stage,
  } = config;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: await headersOf(config),
    timeoutMillis: sendTimeoutMs,
  });
  const processor = new BatchSpanProcessor({
    exporter: saying(exporter, log),
    exportTimeoutMillis: sendTimeoutMs,
    scheduledDelayMillis: 1_000,
  });
  const resource = resourceFromAttributes({
    'service.name': name,
    'service.version': version,
    'deployment.environment.name': stage,
  });
  return {
    record: (span) => processor.onEnd(toReadableSpan(span, resource)),
    flush: () => processor.forceFlush(),
    close: () => processor.shutdown(),
  };
}

const succeeded = 0;

/** The SDK keeps what goes wrong to itself. What it is told of that may name headers, and is not logged. */
const saying = (exporter: SpanExporter, log: Log): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      if (result.code !== succeeded)
        log.warn('spans not exported', { spans: spans.length, error: result.error?.name ?? 'unknown' });
      done(result);
    }),
  forceFlush: async () => exporter.forceFlush?.(),
  shutdown: () => exporter.shutdown(),
});
