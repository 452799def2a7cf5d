/**
 * Powertools' structured log, a JSON object a line: to the console, to a file (`LOG_OUTPUT=file:PATH`), or to what local
 * mode gives.
 */
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Log, LogFields } from '../base/log.ts';
import { redactValue } from '../base/redact.ts';
import type { SharedConfig } from './config.ts';
import { openLogFile } from './log-file.ts';

/** Takes a line, without its end. */
export type LogSink = (line: string) => void;

const files = new Map<string, LogSink>();

/** One for each file, however many functions share it. */
function fileSink(path: string): LogSink {
  const opened = files.get(path) ?? openLogFile(path).write;
  files.set(path, opened);
  return opened;
}

type LogConfig = Pick<SharedConfig, 'LOG_LEVEL' | 'LOG_OUTPUT' | 'LOG_SINK'>;

/** `name`: of the function whose lines they are. */
export function createLog(name: string, config: LogConfig): Log {
  let logger: Logger | undefined;
  // Made with the first line: at start it would cost 5 ms, since it throws within (and catches) on its way.
  const write = (level: keyof Log, message: string, fields: LogFields): void => {
    logger ??= createLogger(name, config);
    // As one attribute: at the top Powertools keeps names for itself, `service` among them.
    logger[level](message, { fields });
  };
  return {
    debug: (message, fields = {}) => write('debug', message, fields),
    info: (message, fields = {}) => write('info', message, fields),
    warn: (message, fields = {}) => write('warn', message, fields),
    error: (message, fields = {}) => write('error', message, fields),
  };
}

/** Undefined where the function's own console is meant. */
export const sinkOf = ({ LOG_OUTPUT, LOG_SINK }: Omit<LogConfig, 'LOG_LEVEL'>): LogSink | undefined =>
  LOG_SINK ?? (LOG_OUTPUT.startsWith('file:') ? fileSink(LOG_OUTPUT.slice('file:'.length)) : undefined);

function createLogger(name: string, config: LogConfig): Logger {
  const { LOG_LEVEL: logLevel } = config;
  const logger = new Logger({ serviceName: name, logLevel, logFormatter: new LineFormatter() });
  const sink = sinkOf(config);
  // Powertools writes to a console of its own, which its types keep private: the only seam for another output.
  if (sink) Reflect.set(logger, 'console', { debug: sink, info: sink, warn: sink, error: sink });
  return logger;
}

/** What Powertools calls `service` is the name of our function; a service is what is registered. */
class LineFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName, xRayTraceId: traceId } = attributes;
    const head = {
      level,
      message,
      timestamp: this.formatTimestamp(timestamp),
      function: serviceName,
      traceId,
    };
    return new LogItem({ attributes: Object.assign(head, redactValue(more['fields'])) });
  }
}
