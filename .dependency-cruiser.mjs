import { Visitor } from '@swc/core/Visitor.js';

// swc parses `using` declarations, but its visitor throws at them.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};

const TEST_SUPPORT = '(/testing/|^packages/testkit/)';

/**
 * The arrows between folders; docs/architecture.md draws them.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-folder-cycles',
      comment: 'Move what both folders need into a third one, or pass it as a dependency.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'transport-knows-no-feature',
      comment: 'http/ and ws/ serve every feature. Pass what a feature decides as a function.',
      severity: 'error',
      from: { path: '^apps/hub/src/(http|ws)/' },
      to: { path: '^apps/hub/src/', pathNot: '^apps/hub/src/(http|ws)/' },
    },
    {
      name: 'apps-import-no-apps',
      comment: 'Move what two apps share into a package.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-import-no-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'protocol-depends-on-nothing',
      comment: 'Every part speaks the protocol, browsers too.',
      severity: 'error',
      from: { path: '^packages/protocol/' },
      to: { path: '^(packages|apps)/', pathNot: '^packages/protocol/' },
    },
    {
      name: 'browser-packages-depend-on-protocol-alone',
      severity: 'error',
      from: { path: '^packages/(client|react)/', pathNot: TEST_SUPPORT },
      to: { path: '^(packages|apps)/', pathNot: '^packages/(protocol|client|react)/' },
    },
    {
      name: 'production-imports-no-test-support',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: TEST_SUPPORT },
      to: { path: TEST_SUPPORT },
    },
  ],
  options: {
    parser: 'swc',
    includeOnly: '^(apps|packages|bench)/',
    exclude: '(/node_modules/|/dist/|\\.test\\.tsx?$)',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
    },
  },
};
