/** The command line of `npm start`: everything else is told by the environment and `.env`. */
import { parseArgs } from 'node:util';
import { version } from '../src/runtime/version.ts';

const help = `Orchestrator Service ${version}: the whole system on this machine, until Ctrl-C.

  npm start                 starts it
  npm start -- --help       says this
  npm start -- --version    says the version

Settings come from the environment and from .env in the current folder, among them
  PORT                      where REST and MCP answer (8000)
  HOST, AUTH, ADMIN_KEY     who may reach it (127.0.0.1, everybody on this machine)
  ORCHESTRATOR_DATA_DIR     where its data is (.orchestrator)
  ORCHESTRATOR_MANIFEST     the services and workflows to load (examples/email/orchestrator.yaml)
  EXAMPLE_SERVICES=off      leaves out the example services
  LOG_LEVEL, LOG_OUTPUT     debug, info, warn or error; console, or file:PATH
  LOG_FORMAT                pretty or json
.env.example has them all, and README.md says more.`;

/** What is asked for instead of a start; undefined for a start. Throws, naming the option that is unknown. */
export function textInsteadOfStart(args: readonly string[]): string | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
  });
  if (values.help) return help;
  return values.version ? version : undefined;
}
