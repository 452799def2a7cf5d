/**
 * Arrows go one way. The first level of src/ says what the system does; each capability may import those that are named
 * before it, and what stands on one line with it stays apart.
 */
const capabilities = [
  ['base', 'has no subject of its own: everybody uses it, it knows nobody'],
  ['json-schema', 'holds values against schemas, whosever they are'],
  ['expressions', 'evaluates JSONata, whatever it is about'],
  ['aws', 'speaks to AWS; what is kept or run there is for others to say'],
  ['transport', 'makes outgoing calls; which service is meant is for others to say'],
  ['access', 'says who a caller is and what it may do; on what is for others to say'],
  ['operation', 'says what an operation is; every capability defines its own'],
  ['audit', 'keeps who asked for what; doing it is for others'],
  ['accounts', 'keeps who is known: API keys; what they may do with what is for others to say'],
  ['registry', 'says what is registered; it does not know what runs over it'],
  ['instances', 'says who can be called now; who calls is for others to say'],
  ['calling', 'calls one service; for whom is for others to say'],
  ['workflows', 'defines and compiles workflows; running them is for others'],
  ['executions', 'says what happens to an execution, whoever started it'],
  ['monitor', 'says how everything is and was; what is done about it is for others to say'],
  ['lifecycle', 'keeps what runs equal to what is wanted; what a file wants is for others to say'],
  ['manifest', 'brings the registry and the workflows to what a file says'],
  ['surfaces', 'renders the table of operations, and adds nothing that one surface alone could do'],
  ['runtime', 'wires it all; production code never imports local/'],
];
/** Those that know nothing of each other, though one is named before the other. */
const apart = [
  ['json-schema', 'expressions', 'aws'],
  ['transport', 'access'],
];

const ours = '^(src|lambdas|lib|local|bin|examples|test|tools)/';
const models = '^src/.+/model/';
const pure = [models, '^src/workflows/(definition|compiler)/'];

const only = (name, from, allowed, why) => ({
  name,
  severity: 'error',
  comment: why,
  from: { path: from },
  to: { path: ours, pathNot: allowed },
});

const before = (name) => {
  const strangers = apart.filter((group) => group.includes(name)).flat();
  return capabilities
    .slice(
      0,
      capabilities.findIndex(([other]) => other === name),
    )
    .map(([other]) => other)
    .filter((other) => !strangers.includes(other));
};

/** Generated documents are rendered by surfaces, and read where they are served. */
const documents = { surfaces: ['^docs/'], runtime: ['^docs/'] };

const order = capabilities.map(([name, why]) =>
  only(
    `${name}-imports-what-is-before-it`,
    `^src/${name}/`,
    [...before(name), name].map((one) => `^src/${one}/`).concat(documents[name] ?? []),
    `${name} ${why}.`,
  ),
);

module.exports = {
  forbidden: [
    ...order,
    only(
      'no-other-capability',
      '^src/',
      [`^src/(${capabilities.map(([name]) => name).join('|')})/`, '^docs/'],
      'A folder on the first level of src/ has its place in the order above.',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle has no inside and no outside.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-between-folders',
      severity: 'error',
      comment: 'Folders that need each other are one folder.',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'Every import resolves.',
      from: {},
      // aws-lambda has types only (@types/aws-lambda); handler.mjs is the bundle that a bootstrap is put beside.
      to: { couldNotResolve: true, pathNot: ['^aws-lambda$', '^\\./handler\\.mjs$'] },
    },
    only(
      'models-know-models',
      pure,
      [...pure, '^src/base/'],
      'a model holds rules and shapes: clock, ids, hashing and stores come in as parameters.',
    ),
    {
      name: 'models-import-four-packages',
      severity: 'error',
      comment: 'a model imports only zod, jsonata, semver and croner: it touches neither Node nor AWS.',
      from: { path: pure },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: ['node_modules/(zod|jsonata|semver|@types/semver|croner)/'],
      },
    },
    {
      name: 'operations-touch-no-node-core',
      severity: 'error',
      comment: 'an operation is told everything it needs.',
      from: { path: ['^src/.+/operations/', '^src/operation/'] },
      to: { dependencyTypes: ['core'] },
    },
    only(
      'lambdas-know-runtime',
      '^lambdas/',
      ['^src/runtime/', '^lambdas/'],
      'a handler is a few lines over the runtime.',
    ),
    only(
      'lib-knows-models-and-the-compiler',
      '^lib/',
      [models, '^src/base/', '^src/workflows/(definition|compiler)/', '^lib/'],
      'CDK compiles workflows and names Lambdas by path; it runs nothing.',
    ),
    only(
      'local-knows-src',
      '^local/',
      ['^src/', '^local/'],
      'local mode wires production code to local endpoints.',
    ),
    only(
      'examples-stand-alone',
      '^examples/',
      ['^examples/'],
      'an example service is one that a user could have written: it knows nothing of the orchestrator.',
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist', 'cdk.out'] },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
