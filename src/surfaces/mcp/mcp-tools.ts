/** The tool list as MCP clients see it (MCP 2025-11-25, Tools). Generated into docs/mcp-tools.json. */
import type { Operation } from '../../operation/operation.ts';
import { inputSchemaOf, outputSchemaOf } from '../json-schemas.ts';

const titleOf = (id: string): string => {
  const words = id.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const operationToTool = (operation: Operation) => ({
  name: operation.id,
  title: titleOf(operation.id),
  description: operation.summary,
  inputSchema: inputSchemaOf(operation),
  outputSchema: outputSchemaOf(operation),
  annotations: {
    title: titleOf(operation.id),
    readOnlyHint: operation.hints.readOnly,
    destructiveHint: operation.hints.destructive,
    idempotentHint: operation.hints.idempotent,
    openWorldHint: operation.hints.openWorld ?? false,
  },
});

export const renderTools = (operations: readonly Operation[]) => operations.map(operationToTool);
