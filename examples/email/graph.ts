/** The graph service: people and threads of a mailbox as nodes and edges, kept in a file. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';
import { type GraphFile, openGraphFile } from './graph-file.ts';
import { queryGraph } from './graph-query.ts';
import type { RunningService, ServiceOptions } from './http-service.ts';
import { addEmail, GraphEdge, GraphEmail, GraphNode, removeNode } from './mail-graph.ts';
import { startMcpService, toolHandler } from './mcp-service.ts';
import { isProgram, readSharedEnvironment, runService } from './run-service.ts';

const AddInput = z.object({
  email: GraphEmail,
  classification: z.looseObject({ category: z.string(), score: z.number().min(0).max(1) }),
});
const AddOutput = z.object({
  node_id: z.string(),
  created: z.boolean().describe('Whether this call, or the one it repeats, created the node'),
});

const RemoveInput = z.object({ node_id: z.string() });
const RemoveOutput = z.object({
  removed: z.boolean(),
  reason: z.string().optional().describe('Why nothing was removed'),
});

const QueryInput = z.object({
  category: z.string().optional(),
  person: z.string().optional().describe('An address, as sender or recipient'),
  thread: z.string().optional(),
  limit: z.number().int().min(1).max(500).default(50).describe('How many emails at most, newest first'),
});
const QueryOutput = z.object({ nodes: z.array(GraphNode), edges: z.array(GraphEdge) });

export interface GraphOptions extends ServiceOptions {
  /** Where the graph is kept. */
  readonly graphFile: string;
}

export async function startGraph({ graphFile, ...options }: GraphOptions): Promise<RunningService> {
  const file = await openGraphFile(graphFile);
  const register = graphTools(file, options.delayMs ?? 0);
  const service = await startMcpService({ name: 'graph', register }, options);
  return {
    port: service.port,
    close: async () => {
      await service.close();
      await file.settled();
    },
  };
}

function graphTools(file: GraphFile, delayMs: number): (server: McpServer) => void {
  const add = toolHandler(delayMs, (addition: z.infer<typeof AddInput>, origin) =>
    file.change((graph) => addEmail(graph, { ...addition, ...origin })),
  );
  const remove = toolHandler(delayMs, ({ node_id }: z.infer<typeof RemoveInput>, { executionId }) =>
    file.change((graph) => removeNode(graph, { nodeId: node_id, executionId })),
  );
  const query = toolHandler(delayMs, (question: z.infer<typeof QueryInput>) => ({
    ...queryGraph(file.current(), question),
  }));
  return (server) => {
    server.registerTool('add_to_graph', addDescription, add);
    server.registerTool('query_graph', queryDescription, query);
    server.registerTool('remove_node', removeDescription, remove);
  };
}

const addDescription = {
  description: 'Adds an email with its people and thread; one node per email id',
  inputSchema: AddInput,
  outputSchema: AddOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};
const queryDescription = {
  description: 'Emails by category, person or thread, with the people and threads around them',
  inputSchema: QueryInput,
  outputSchema: QueryOutput,
  annotations: { readOnlyHint: true, openWorldHint: false },
};
const removeDescription = {
  description: 'Removes a node; as the undo of an execution, only an email node which it created',
  inputSchema: RemoveInput,
  outputSchema: RemoveOutput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
};

if (isProgram(import.meta.url)) {
  await runService('graph', async (env) =>
    startGraph({
      ...readSharedEnvironment(env, 8003),
      graphFile: env.GRAPH_FILE ?? '.orchestrator/graph.json',
    }),
  );
}
