/** Stores that a first answer seldom needs: each is loaded with its first call. */
import { late } from '../domain/late.ts';
import type { AppliedManifestStore } from '../stores/applied-manifest.ts';
import type { CatalogueStore } from '../stores/catalogues.ts';
import type { ExecutionLists } from '../stores/execution-lists.ts';
import type { GraphStore } from '../stores/graph.ts';
import type { ResultStore } from '../stores/results.ts';
import type { ServiceStore } from '../stores/services.ts';
import type { Table } from '../stores/table.ts';
import type { WorkflowStore } from '../stores/workflows.ts';
import type { CreateExecutionStores } from './execution-stores.ts';

export const createLateAppliedManifest = (table: Table): AppliedManifestStore =>
  late(async () => (await import('../stores/applied-manifest.ts')).createAppliedManifestStore(table));

export const createLateCatalogues = (table: Table): CatalogueStore =>
  late(async () => (await import('../stores/catalogues.ts')).createCatalogueStore(table));

export const createLateExecutionLists = (table: Table): ExecutionLists =>
  late(async () => (await import('../stores/execution-lists.ts')).createExecutionLists(table));

export const createLateGraph = (table: Table): GraphStore =>
  late(async () => (await import('../stores/graph.ts')).createGraphStore(table));

export const createLateResults = (table: Table): ResultStore =>
  late(async () => (await import('../stores/results.ts')).createResultStore(table));

export const createLateServices = (table: Table): ServiceStore =>
  late(async () => (await import('../stores/services.ts')).createServiceStore(table));

export const createLateWorkflows = (table: Table): WorkflowStore =>
  late(async () => (await import('../stores/workflows.ts')).createWorkflowStore(table));

export const createLateExecutionStores: CreateExecutionStores = ({ executions, instances }) => ({
  executions: late(async () => (await import('../stores/executions.ts')).createExecutionStore(executions)),
  steps: late(async () => (await import('../stores/steps.ts')).createStepStore(executions)),
  instances: late(async () => (await import('../stores/instances.ts')).createInstanceStore(instances)),
});
