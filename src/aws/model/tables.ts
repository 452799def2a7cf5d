/**
 * The shape of the tables, once: CDK creates them on AWS and local mode in the embedded DynamoDB.
 * Keys and index keys are generic strings, so that a new access pattern needs no new table.
 */
export interface TableShape {
  /** `gsi1` to `gsi<n>`, each on `gsi<n>pk` and `gsi<n>sk`. */
  readonly indexes: number;
  /** Attributes copied into every index; with none, an index holds keys alone. */
  readonly projected: readonly string[] | 'all';
}

export const tableShapes = {
  /** Services and workflow definitions. */
  registry: { indexes: 2, projected: 'all' },
  /** Instances and what calls need of their services. Index 1: by the hour of the last renewal. */
  instances: { indexes: 2, projected: [] },
  /** Executions and their steps. Index 1: open; 2: by workflow; 3: by day of start. */
  executions: {
    indexes: 3,
    projected: ['id', 'workflow', 'version', 'stored', 'labels', 'startedAt', 'closedAt', 'closingAt'],
  },
  /** What was measured: usage by the minute, changes of health. Nothing in it is needed to go on. */
  telemetry: { indexes: 2, projected: [] },
  /** Who may call: API keys, as hashes. What lets callers in reads it (ADR 43). */
  access: { indexes: 2, projected: [] },
  /** Who asked for what, one partition a day (ADR 45). */
  audit: { indexes: 0, projected: [] },
} as const satisfies Record<string, TableShape>;

export type TableKind = keyof typeof tableShapes;

/** Items whose time has come are removed by DynamoDB's TTL on this attribute. */
export const ttlAttribute = 'expiresAtEpochSeconds';
