/**
 * What is asked of each bundle: the one place to add a function to. A bundle without a rule fails `npm run coldstart`,
 * and so does a rule without a bundle. Bounds are what holds today with a tenth to spare for sizes, which are
 * exact, a third for CPU, and a half for the time of the import, which is by the clock; aims are what it should come to
 * (docs/benchmark.md says what is missing).
 */
import {
  allowedApiKey,
  allowedRequest,
  allowedToken,
  machinesChecked,
  manifestCreated,
  smokeCheckDeleted,
} from './deployment-answers.ts';
import {
  deliveryOfNothing,
  type FirstAnswer,
  firstChecks,
  httpAnswers,
  lookAtNothing,
  mcpCall,
  oneUndo,
  recordedEnd,
  refreshOfNothing,
  restCall,
  sweepOfNothing,
  workflowStarted,
} from './first-answers.ts';

export interface Bounds {
  /** The handler with all that it imports before the first event. */
  readonly startKb: number;
  /** With what is loaded when it is asked for. */
  readonly allKb: number;
  /** By the clock, so that it depends on what else the machine does. */
  readonly importMs: number;
}

/** Each file costs a start a third of a millisecond (tools/one-start.ts). */
export const mostStartFiles = 5;

export interface Rule {
  readonly bounds: Bounds;
  readonly aims?: { readonly startKb: number; readonly allKb: number; readonly cpuMs: number };
  /** Each with the CPU that it may cost from the import of the bundle on. */
  readonly firstAnswers: readonly (Pick<FirstAnswer, 'name'> & { readonly maxCpuMs: number })[];
  /** Packages, and paths of our own code, that are loaded only when they are asked for. */
  readonly notAtStart: readonly string[];
  /** Those that the bundle does not hold at all. */
  readonly never: readonly string[];
}

/** A rule with the events to measure. */
export interface Scenario extends Rule {
  readonly firstAnswers: readonly (FirstAnswer & { readonly maxCpuMs: number })[];
}

const within = (maxCpuMs: number, ...answers: FirstAnswer[]) =>
  answers.map((answer) => ({ ...answer, maxCpuMs }));

/**
 * Ways to get at credentials that a Lambda function does not have, what makes code of schemas, what only browsers run,
 * what only tests use.
 */
const neverAnywhere = [
  '@aws-sdk/credential-provider-node',
  '@aws-sdk/credential-provider-sso',
  'ajv',
  'ajv-formats',
  'bowser',
  'fast-uri',
  'local/',
  'test/',
];
const surfaces = ['src/surfaces/', '*/operations/', 'hono', '@modelcontextprotocol/sdk', 'docs/'];
/** What a function without DynamoDB, Step Functions and expressions has nothing of. */
const orchestration = [
  '@aws-sdk/',
  'jsonata',
  'src/json-schema/',
  '*/store/',
  'src/executions/',
  'src/workflows/',
];
/** What starts instances on one machine. */
const localDrivers = ['dockerode', 'src/lifecycle/drivers/process/', 'src/lifecycle/drivers/container/'];
const awsDrivers = [
  '@aws-sdk/client-ecs',
  '@aws-sdk/client-ec2',
  '@aws-sdk/client-lambda',
  'src/lifecycle/drivers/ecs/',
  'src/lifecycle/drivers/lambda/',
  'src/lifecycle/drivers/webhook/',
];
/** Definitions are looked at here, but no step is run. */
const stepsOfExecutions = [
  'src/expressions/evaluator-main.ts',
  'src/transport/service-caller.ts',
  'src/executions/',
];
const apiSurfaces = ['src/surfaces/', 'hono', '@modelcontextprotocol/sdk', 'docs/'];
const outgoingCalls = ['src/transport/egress.ts', 'eventsource-parser'];

const lateInDeployment = ['src/json-schema/model/', '@aws-sdk/client-sfn', 're2js'];
const late = [
  '@aws-lambda-powertools/metrics',
  'jsonata',
  're2js',
  'src/json-schema/model/',
  '@aws-sdk/client-sfn',
  'src/expressions/evaluator-process.ts',
  '@opentelemetry/',
  'src/runtime/otlp/',
];
const lateInApi = [
  'src/transport/egress.ts',
  'eventsource-parser',
  '@modelcontextprotocol/sdk',
  'docs/mcp-tools.json',
  'docs/openapi.json',
  'src/surfaces/mcp/mcp.ts',
  'src/surfaces/registry-api/registry-api.ts',
  'src/registry/mcp-registry/import-services.ts',
  'src/registry/mcp-registry/upstream.ts',
  'src/registry/mcp-registry/read-registry.ts',
  'src/registry/mcp-registry/model/server-to-service.ts',
  'src/registry/mcp-registry/model/service-to-server.ts',
  'src/workflows/compiler/compile.ts',
  // Every operation imports it.
  'src/operation/operation.ts',
  'src/registry/tools/store/catalogue-store.ts',
  'src/registry/dependencies/store/graph-store.ts',
  'yaml',
];

export const scenarios: Readonly<Record<string, Scenario>> = {
  api: {
    bounds: { startKb: 440, allKb: 1760, importMs: 65 },
    aims: { startKb: 800, allKb: 800, cpuMs: 80 },
    firstAnswers: [
      ...within(140, workflowStarted),
      ...within(115, httpAnswers.listServices),
      ...within(115, httpAnswers.mcpServers),
      ...within(105, httpAnswers.health),
      ...within(100, httpAnswers.toolsList),
      ...within(130, httpAnswers.toolsCall),
    ],
    notAtStart: [...late, ...lateInApi],
    never: neverAnywhere,
  },
  'run-step': {
    bounds: { startKb: 505, allKb: 985, importMs: 80 },
    aims: { startKb: 600, allKb: 600, cpuMs: 60 },
    firstAnswers: within(140, restCall, mcpCall),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces],
  },
  undo: {
    bounds: { startKb: 480, allKb: 955, importMs: 80 },
    firstAnswers: within(155, oneUndo),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces],
  },
  'record-execution': {
    bounds: { startKb: 415, allKb: 830, importMs: 70 },
    firstAnswers: within(115, recordedEnd),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces, ...outgoingCalls],
  },
  sweep: {
    bounds: { startKb: 420, allKb: 835, importMs: 70 },
    firstAnswers: within(110, sweepOfNothing),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces, ...outgoingCalls],
  },
  lifecycle: {
    bounds: { startKb: 515, allKb: 1273, importMs: 80 },
    firstAnswers: within(130, lookAtNothing),
    notAtStart: ['@aws-sdk/client-sfn', ...awsDrivers],
    never: [...neverAnywhere, ...surfaces, ...localDrivers, 'jsonata', 'src/executions/'],
  },
  'check-health': {
    bounds: { startKb: 420, allKb: 620, importMs: 65 },
    firstAnswers: within(145, firstChecks),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces],
  },
  'deliver-events': {
    bounds: { startKb: 390, allKb: 410, importMs: 70 },
    firstAnswers: within(130, deliveryOfNothing),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces],
  },
  'refresh-services': {
    bounds: { startKb: 357, allKb: 582, importMs: 65 },
    firstAnswers: within(155, refreshOfNothing),
    notAtStart: late,
    never: [...neverAnywhere, ...surfaces],
  },
  authorizer: {
    bounds: { startKb: 65, allKb: 100, importMs: 15 },
    aims: { startKb: 150, allKb: 150, cpuMs: 25 },
    firstAnswers: [...within(35, allowedRequest, allowedApiKey), ...within(45, allowedToken)],
    notAtStart: ['src/transport/', 'jose', 'src/access/password-hash.ts', 'src/access/bearer-tokens.ts'],
    never: [
      ...neverAnywhere,
      ...orchestration,
      ...outgoingCalls,
      '*/operations/',
      'hono',
      '@modelcontextprotocol/sdk',
      '@aws-lambda-powertools/logger',
    ],
  },
  'smoke-check': {
    bounds: { startKb: 140, allKb: 140, importMs: 25 },
    firstAnswers: within(75, smokeCheckDeleted),
    notAtStart: [],
    never: [...neverAnywhere, ...orchestration, ...outgoingCalls, ...surfaces],
  },
  'apply-manifest': {
    bounds: { startKb: 545, allKb: 767, importMs: 95 },
    firstAnswers: within(225, manifestCreated),
    notAtStart: lateInDeployment,
    never: [...neverAnywhere, ...apiSurfaces, ...outgoingCalls, ...stepsOfExecutions],
  },
  'check-machines': {
    bounds: { startKb: 499, allKb: 731, importMs: 85 },
    firstAnswers: within(150, machinesChecked),
    notAtStart: lateInDeployment,
    never: [...neverAnywhere, ...apiSurfaces, ...outgoingCalls, ...stepsOfExecutions],
  },
};
