/** Arrows go one way: domain <- stores, clients <- registry <- executions <- operations <- surfaces <- runtime <- lambdas, bin. */
const ring = (name, from, allowed, why) => ({
  name,
  severity: 'error',
  comment: why,
  from: { path: from },
  to: { path: '^(src|lambdas|lib|local|bin|examples|test|tools)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle has no inside and no outside.',
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
    ring(
      'domain-is-pure',
      '^src/domain/',
      ['^src/domain/'],
      'domain holds rules and imports nothing outside itself.',
    ),
    {
      name: 'domain-imports-three-packages',
      severity: 'error',
      comment:
        'domain imports only zod, jsonata and semver: clock, ids, hashing and validation come in as parameters.',
      from: { path: '^src/domain/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: ['node_modules/(zod|jsonata|semver|@types/semver)/'],
      },
    },
    ring(
      'stores-know-domain',
      '^src/stores/',
      ['^src/(domain|stores)/'],
      'stores write domain records; they call nobody.',
    ),
    ring(
      'clients-know-domain',
      '^src/clients/',
      ['^src/(domain|clients)/'],
      'clients speak protocols; they hold no rules.',
    ),
    ring(
      'registry-knows-stores-and-clients',
      '^src/registry/',
      ['^src/(domain|stores|clients|registry)/'],
      'what is registered does not know what runs over it.',
    ),
    ring(
      'executions-know-registry',
      '^src/executions/',
      ['^src/(domain|stores|clients|registry|executions)/'],
      'what happens to an execution does not know who asked.',
    ),
    ring(
      'operations-know-executions',
      '^src/operations/',
      ['^src/(domain|stores|clients|registry|executions|operations)/'],
      'operations do not know how they are rendered.',
    ),
    {
      name: 'operations-are-deterministic',
      severity: 'error',
      comment: 'operations touch neither Node core nor the AWS SDK: what they need comes in.',
      from: { path: '^src/operations/' },
      to: { dependencyTypes: ['core'] },
    },
    ring(
      'surfaces-render-operations',
      '^src/surfaces/',
      ['^src/(domain|operations|surfaces)/', '^docs/'],
      'a surface renders the operation table and nothing else.',
    ),
    ring('runtime-knows-src', '^src/runtime/', ['^src/', '^docs/'], 'production code never imports local/.'),
    ring(
      'lambdas-know-runtime',
      '^lambdas/',
      ['^src/runtime/', '^lambdas/'],
      'a handler is a few lines over the runtime.',
    ),
    ring(
      'lib-knows-domain',
      '^lib/',
      ['^src/domain/', '^lib/'],
      'CDK compiles workflows and names Lambdas by path; it runs nothing.',
    ),
    ring(
      'local-knows-src',
      '^local/',
      ['^src/', '^local/'],
      'local mode wires production code to local endpoints.',
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
