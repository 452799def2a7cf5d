/**
 * Why a tool failed. Servers answer an unknown tool, bad arguments and a failure of the tool alike
 * (`isError`), so the list of tools decides which it was. When the list cannot be read, the tool failed.
 */
import { OrchestratorError } from '../../base/errors.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { quoted } from '../answer-text.ts';
import { atMost, type Bounds } from '../deadline.ts';
import type { ToolCall } from '../model/call.ts';
import { argumentFaults } from '../tool-arguments.ts';
import type { McpToolLists } from './mcp-tool-list.ts';

const diagnosisMs = 5_000;

export interface FailedTool extends Bounds {
  readonly url: URL;
  readonly call: ToolCall;
  /** What the tool or the server said. */
  readonly text: string;
}

/** `service.tool-not-found`, `service.arguments-invalid` with each fault, or `service.tool-failed`. */
export async function diagnose(lists: McpToolLists, failed: FailedTool): Promise<OrchestratorError> {
  const { call, subject, text, deadline, signal } = failed;
  const list = await readList(lists, failed.url, {
    subject,
    signal,
    deadline: atMost(deadline, diagnosisMs),
  });
  const schema = list?.inputSchemas.get(call.tool);
  if (schema === undefined && list?.complete === true) return notFound(call, [...list.inputSchemas.keys()]);
  const errors = schema === undefined ? [] : await argumentFaults(schema, call.arguments);
  if (errors.length === 0) {
    return new OrchestratorError('service.tool-failed', `${subject} answered with an error${quoted(text)}`);
  }
  return new OrchestratorError(
    'service.arguments-invalid',
    `${subject} was called with arguments that do not match its input schema${quoted(text)}`,
    { errors },
  );
}

async function readList(lists: McpToolLists, url: URL, bounds: Bounds) {
  try {
    return await lists.get(url, bounds);
  } catch (thrown) {
    if (thrown instanceof OrchestratorError && thrown.code === 'execution.cancelled') throw thrown;
    return undefined;
  }
}

function notFound({ service, tool }: ToolCall, names: readonly string[]): OrchestratorError {
  const nearest = nearestName(tool, names);
  const advice =
    nearest === undefined ? 'list_service_tools shows those that it has' : `did you mean "${nearest}"?`;
  return new OrchestratorError(
    'service.tool-not-found',
    `Service ${service} has no tool ${tool} among its ${names.length} tools; ${advice}`,
  );
}
