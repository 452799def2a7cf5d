/** Powertools' structured log, to the console or to a file (`LOG_OUTPUT=file:PATH`). */
import { Console } from 'node:console';
import { createWriteStream } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../base/log.ts';
import type { SharedConfig } from './config.ts';

const consoles = new Map<string, Console>();

/** One stream for each file, however many functions share it. */
function consoleFor(path: string): Console {
  const known = consoles.get(path);
  if (known) return known;
  const opened = new Console(createWriteStream(path, { flags: 'a' }));
  consoles.set(path, opened);
  return opened;
}

type LogConfig = Pick<SharedConfig, 'LOG_LEVEL' | 'LOG_OUTPUT'>;

export function createLog(service: string, config: LogConfig): Log {
  let logger: Logger | undefined;
  // Made with the first line: at start it would cost 5 ms, since it throws within (and catches) on its way.
  const log = (): Logger => {
    logger ??= createLogger(service, config);
    return logger;
  };
  return {
    debug: (message, fields = {}) => log().debug(message, fields),
    info: (message, fields = {}) => log().info(message, fields),
    warn: (message, fields = {}) => log().warn(message, fields),
    error: (message, fields = {}) => log().error(message, fields),
  };
}

function createLogger(service: string, { LOG_LEVEL, LOG_OUTPUT }: LogConfig): Logger {
  const logger = new Logger({ serviceName: service, logLevel: LOG_LEVEL });
  // Powertools writes to a console of its own, which its types keep private: the only seam for another output.
  if (LOG_OUTPUT.startsWith('file:'))
    Reflect.set(logger, 'console', consoleFor(LOG_OUTPUT.slice('file:'.length)));
  return logger;
}
