import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMetrics } from '../../bot/metrics';
import { parseBicep, type BicepFile, type Declaration, type Expression } from './bicepParser';
import { bodyOf, everything, expressionsOf, namesIn, plain, propertiesIn, property } from './bicepWalk';

const read = (name: string): string => readFileSync(join('deployment', name), 'utf8');
const names = ['main.bicep', 'parley.bicep', 'types.bicep', ...readdirSync('deployment/modules').map((name) => `modules/${name}`)];
const files = new Map(names.map((name) => [name, parseBicep(read(name))]));
const fileOf = (name: string): BicepFile => files.get(name)!;
const all = [...files].flatMap(([file, { declarations }]) => declarations.map((declaration) => ({ file, declaration })));
const main = fileOf('main.bicep');

const nestedIn = ({ value }: Declaration): readonly Declaration[] => (value ? everything(value).flatMap((each) => (each.kind === 'object' ? each.nested : [])) : []);
const of = (file: BicepFile, ...kinds: readonly Declaration['kind'][]): readonly Declaration[] => file.declarations.filter(({ kind }) => kinds.includes(kind));
const resources = all.filter(({ declaration }) => declaration.kind === 'resource');
const modules = all.filter(({ declaration }) => declaration.kind === 'module');
const calledFile = (file: string, { reference = '' }: Declaration): string => join(dirname(file), reference);
const isSecure = ({ decorators }: Declaration): boolean => decorators.includes('secure');
/** Everything that a file says, types too. */
const said = ({ declarations }: BicepFile): readonly Expression[] => declarations.flatMap((declaration) => [...expressionsOf(declaration), ...(declaration.type ? [declaration.type] : [])]);

/** Functions of Bicep that are used: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions */
const functions = [
  'base64', 'base64ToString', 'cidrSubnet', 'concat', 'contains', 'empty', 'environment', 'filter', 'flatten', 'guid', 'int', 'items', 'json', 'loadTextContent', 'map',
  'readEnvironmentVariable', 'resourceGroup', 'string', 'subscription', 'subscriptionResourceId', 'take', 'tenant', 'toObject', 'union', 'uniqueString', 'utcNow',
].map((name) => `${name}()`);
const words = ['true', 'false', 'null', 'string', 'int', 'bool', 'object', 'array'];

describe.each([...files])('%s', (_name, file) => {
  const imported = file.imports.flatMap(({ names: given }) => given);
  const declared = [...file.declarations.map(({ name }) => name), ...imported];

  test('declares nothing twice', () => {
    const apart = [of(file, 'output'), of(file, 'param', 'var', 'resource', 'module', 'type')].map((group) => group.map(({ name }) => name));
    for (const group of apart) expect(group).toEqual([...new Set(group)]);
    for (const body of said(file).flatMap(everything)) {
      if (body.kind !== 'object') continue;
      const keys = body.properties.map(({ key }) => key);
      expect(keys).toEqual([...new Set(keys)]);
    }
  });

  test('refers to nothing that is not there', () => {
    const used = said(file).flatMap((each) => namesIn(each));
    expect(used.filter((name) => ![...declared, ...functions, ...words].includes(name))).toEqual([]);
    for (const { names: given, path } of file.imports) {
      const types = of(parseBicep(readFileSync(join('deployment', dirname(_name), path), 'utf8')), 'type').map(({ name }) => name);
      expect(types).toEqual(expect.arrayContaining([...given]));
    }
  });

  test('declares nothing in vain', () => {
    const used = new Set(said(file).flatMap((each) => namesIn(each)));
    const needless = file.declarations.filter(({ kind, isExisting, decorators }) => kind === 'param' || kind === 'var' || isExisting || (kind === 'type' && !decorators.includes('export')));
    expect(needless.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
    expect(imported.filter((name) => !used.has(name))).toEqual([]);
  });

  test('says in no output what is secret', () => {
    const secure = file.declarations.filter(isSecure).map(({ name }) => name);
    for (const { name, value } of of(file, 'output')) {
      const used = value ? namesIn(value) : [];
      expect(used.filter((each) => secure.includes(each) || /^list/i.test(each))).toEqual([]);
      expect(name).not.toMatch(/password|secret|key|connectionstring/i);
    }
  });

  test('takes what is secret by secure parameters, which have no default', () => {
    const params = of(file, 'param');
    for (const { name, decorators } of params) {
      if (/password|pwd|secret|Key$/i.test(name) && !name.startsWith('uses')) expect([name, decorators]).toEqual([name, expect.arrayContaining(['secure'])]);
    }
    for (const { value } of params.filter(isSecure)) expect([undefined, '']).toContain(value && plain(value));
  });

  test('puts no region, address or key of Azure into a text', () => {
    for (const declaration of [...of(file, 'resource', 'module'), ...file.declarations.flatMap(nestedIn)]) {
      const location = property(declaration.value, 'location');
      if (location) expect(plain(location) ?? 'global').toBe('global');
    }
    // linter rule no-hardcoded-env-urls
    const addresses = /management\.(?:core\.windows\.net|azure\.com)|database\.windows\.net|core\.windows\.net|login\.microsoftonline\.com|graph\.windows\.net|trafficmanager\.net|vault\.azure\.net|api\.loganalytics\.io/;
    const texts = said(file).flatMap(everything).flatMap((each) => (each.kind === 'text' ? each.texts : []));
    expect(texts.filter((text) => addresses.test(text))).toEqual([]);
    expect(said(file).flatMap((each) => namesIn(each)).filter((name) => name === 'listKeys()')).toEqual([]);
  });

  test('asks for regions in parameters only', () => {
    for (const { kind, value } of file.declarations) {
      if (kind === 'param' || !value) continue;
      const asked = everything(value).filter((each) => each.kind === 'member' && each.name === 'location' && each.of.kind === 'call');
      expect(asked).toEqual([]);
    }
  });

  test('waits for nothing that it refers to anyway', () => {
    for (const { value } of of(file, 'resource', 'module')) {
      const waited = property(value, 'dependsOn');
      const rest = (bodyOf(value)?.properties ?? []).filter(({ key }) => key !== 'dependsOn').flatMap(({ value: each }) => namesIn(each));
      expect((waited ? namesIn(waited) : []).filter((name) => rest.includes(name))).toEqual([]);
    }
  });

  test('makes up texts by filling in, and names children by their parent', () => {
    for (const call of said(file).flatMap(everything)) {
      if (call.kind === 'call' && call.of.kind === 'name' && call.of.text === 'concat') expect(call.given.filter(({ kind }) => kind === 'text')).toEqual([]);
    }
    for (const { reference = '', value } of of(file, 'resource')) {
      const depth = reference.split('@')[0]!.split('/').length;
      if (depth > 2) expect([reference, property(value, 'parent') !== undefined]).toEqual([reference, true]);
      expect(everything(property(value, 'name') ?? { kind: 'number', text: '' }).flatMap((each) => (each.kind === 'text' ? each.texts : [])).join('')).not.toContain('/');
    }
  });
});

test('modules are called with what they take, and asked for what they give', () => {
  for (const { file, declaration } of modules) {
    const called = fileOf(calledFile(file, declaration));
    const params = of(called, 'param');
    const given = (bodyOf(property(declaration.value, 'params'))?.properties ?? []).map(({ key }) => key);
    expect([declaration.name, given.filter((name) => !params.some((param) => param.name === name))]).toEqual([declaration.name, []]);
    const required = params.filter(({ value }) => value === undefined).map(({ name }) => name);
    expect([declaration.name, required.filter((name) => !given.includes(name))]).toEqual([declaration.name, []]);
  }
});

test('outputs that are read exist', () => {
  for (const [name, file] of files) {
    const called = new Map(of(file, 'module').map((declaration) => [declaration.name, fileOf(calledFile(name, declaration))]));
    const asked = said(file).flatMap(everything).flatMap((each) => readOutput(each));
    for (const [module, output] of asked) {
      expect(called.has(module)).toBe(true);
      expect(of(called.get(module)!, 'output').map((each) => each.name)).toContain(output);
    }
  }
});

/** `module.outputs.name`, also of one of many modules. */
function readOutput(expression: Expression): [string, string][] {
  if (expression.kind !== 'member' || expression.of.kind !== 'member' || expression.of.name !== 'outputs') return [];
  const { of: module } = expression.of;
  const symbol = module.kind === 'index' ? module.of : module;
  return symbol.kind === 'name' ? [[symbol.text, expression.name]] : [];
}

test('what is deployed in one scope has names of its own', () => {
  for (const [, file] of files) {
    const made = of(file, 'resource').filter(({ isExisting }) => !isExisting).map(({ reference = '', value }) => `${reference.split('@')[0]!} ${JSON.stringify([property(value, 'parent'), property(value, 'scope'), property(value, 'name')])}`);
    expect(made).toEqual([...new Set(made)]);
  }
});

/**
 * Versions of the APIs, each seen in public templates that deploy with them; a version that is not here was made up.
 * https://learn.microsoft.com/azure/templates/
 */
const versions: Readonly<Record<string, string>> = {
  'Microsoft.App/containerApps': '2025-01-01',
  'Microsoft.App/managedEnvironments': '2025-01-01',
  'Microsoft.Authorization/roleAssignments': '2022-04-01',
  'Microsoft.BotService/botServices': '2022-09-15',
  'Microsoft.BotService/botServices/channels': '2022-09-15',
  'Microsoft.CognitiveServices/accounts': '2025-06-01',
  'Microsoft.CognitiveServices/accounts/deployments': '2025-06-01',
  'Microsoft.CognitiveServices/accounts/raiPolicies': '2025-06-01',
  'Microsoft.Consumption/budgets': '2023-05-01',
  'Microsoft.ContainerRegistry/registries': '2025-04-01',
  'Microsoft.DBforPostgreSQL/flexibleServers': '2025-08-01',
  'Microsoft.DBforPostgreSQL/flexibleServers/administrators': '2025-08-01',
  'Microsoft.DBforPostgreSQL/flexibleServers/databases': '2025-08-01',
  'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules': '2025-08-01',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/autoscalesettings': '2022-10-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/diagnosticSettings': '2021-05-01-preview', // there is no other
  'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
  'Microsoft.Insights/workbooks': '2023-06-01',
  'Microsoft.KeyVault/vaults': '2023-07-01',
  'Microsoft.KeyVault/vaults/secrets': '2023-07-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities': '2023-01-31',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': '2024-06-01',
  'Microsoft.Network/privateEndpoints': '2024-05-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': '2024-05-01',
  'Microsoft.Network/virtualNetworks': '2024-05-01',
  'Microsoft.OperationalInsights/workspaces': '2023-09-01',
  'Microsoft.Resources/resourceGroups': '2024-03-01',
  'Microsoft.Web/serverfarms': '2024-04-01',
  'Microsoft.Web/sites': '2024-04-01',
};

test('APIs are asked in versions that are known, one for each', () => {
  const used = resources.map(({ declaration: { reference = '' } }) => reference.split('@'));
  for (const [type = '', version] of used) expect([type, version]).toEqual([type, versions[type]]);
  expect(new Set(used.map(([type]) => type))).toEqual(new Set(Object.keys(versions)));
});

/** The least that does it: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const roles: Readonly<Record<string, string>> = {
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': 'registry', // AcrPull
  '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd': 'account', // Cognitive Services OpenAI User
  '4633458b-17de-408a-b874-0445c86b69e6': 'vault', // Key Vault Secrets User
  '3913510d-42f4-4e42-8a64-420c390055eb': 'insights', // Monitoring Metrics Publisher
};

test('the identity may do what it needs, on the resource that it needs', () => {
  const assignments = resources.filter(({ declaration }) => declaration.reference?.startsWith('Microsoft.Authorization/roleAssignments'));
  const found = assignments.map(({ file, declaration: { value } }) => {
    const role = property(bodyOf(value) && property(value, 'properties'), 'roleDefinitionId');
    const definition = of(fileOf(file), 'var').find(({ name }) => role?.kind === 'name' && role.text === name)?.value;
    const id = definition?.kind === 'call' ? (plain(definition.given[1]) ?? '') : '';
    const scope = property(value, 'scope');
    return [id, scope?.kind === 'name' ? scope.text : ''];
  });
  expect(Object.fromEntries(found)).toEqual(roles);
  expect(found).toHaveLength(Object.keys(roles).length);
});

test('settings that are handed over are settings of Parley, and secrets go through the key vault', () => {
  const known = [...readFileSync('.env.example', 'utf8').matchAll(/^# ?([A-Za-z_]\w+)=/gm)].map(([, name]) => name);
  const keysOf = (file: BicepFile, name: string): readonly string[] => propertiesIn(of(file, 'var').find((each) => each.name === name)!.value!).map(({ key }) => key);
  const service = fileOf('modules/appService.bicep');
  const given = [...keysOf(main, 'everySetting'), ...keysOf(main, 'vaultSettings'), ...keysOf(service, 'fixed').filter((name) => !name.startsWith('WEBSITES_')), 'APPLICATIONINSIGHTS_CONNECTION_STRING'];
  expect(given.filter((name) => !known.includes(name))).toEqual([]);
  expect(given).toEqual(expect.arrayContaining(['MicrosoftAppId', 'MicrosoftAppType', 'MicrosoftAppTenantId', 'MicrosoftAppPassword', 'PUBLIC_URL', 'DATABASE_URL', 'DATABASE_ENTRA_AUTH', 'DEPLOYMENTS_TABLE', 'REPLICAS', 'AZURE_CLIENT_ID']));
  expect(keysOf(main, 'everySetting').filter((name) => /password|secret|_key$/i.test(name))).toEqual([]);
  const stored = resources.filter(({ declaration: { reference = '' } }) => reference.startsWith('Microsoft.KeyVault/vaults/secrets')).map(({ declaration }) => plain(property(declaration.value, 'name')));
  const referred = propertiesIn(of(main, 'var').find(({ name }) => name === 'vaultSettings')!.value!).map(({ value }) => plain(value));
  expect(new Set(referred)).toEqual(new Set(stored));
});

test('each replica has its probes, time to drain, and at least one beside it', () => {
  const template = property(property(of(fileOf('parley.bicep'), 'resource').find(({ name }) => name === 'app')!.value, 'properties'), 'template');
  const probes = propertiesIn(template!).filter(({ key }) => key === 'path').map(({ value }) => plain(value));
  expect(probes.sort()).toEqual(['/healthz', '/healthz', '/readyz']);
  const grace = property(template, 'terminationGracePeriodSeconds');
  const limitMs = Number(/STOP_LIMIT_MS = ([\d_]+)/.exec(readFileSync('index.ts', 'utf8'))?.[1]?.replaceAll('_', ''));
  expect(Number(grace?.kind === 'number' && grace.text)).toBeGreaterThan(limitMs / 1000);
  for (const size of ['small', 'enterprise']) {
    const replicas = of(parseBicep(read(`${size}.bicepparam`)), 'param').find(({ name }) => name === 'replicas')!.value;
    const least = property(replicas, 'min');
    expect(Number(least?.kind === 'number' && least.text)).toBeGreaterThanOrEqual(2);
  }
});

describe.each(['small', 'enterprise'])('%s.bicepparam', (size) => {
  const source = read(`${size}.bicepparam`);
  const file = parseBicep(source);

  test('gives main.bicep what it takes, and nothing else', () => {
    expect(file.using).toBe('main.bicep');
    const given = of(file, 'param').map(({ name }) => name);
    const params = of(main, 'param');
    expect(given.filter((name) => !params.some((param) => param.name === name))).toEqual([]);
    expect(params.filter(({ name, value }) => value === undefined && !given.includes(name)).map(({ name }) => name)).toEqual([]);
    expect(given).toEqual([...new Set(given)]);
  });

  test('describes models and machines as types.bicep wants them', () => {
    const shapes = new Map(of(fileOf('types.bicep'), 'type').map(({ name, value }) => [name, value!]));
    const plans = { replicas: 'replicaPlan', database: 'databasePlan' } as const;
    for (const [name, type] of Object.entries(plans)) {
      const value = of(file, 'param').find((each) => each.name === name)!.value!;
      expect(propertiesIn(value).map(({ key }) => key).sort()).toEqual(propertiesIn(shapes.get(type)!).map(({ key }) => key).sort());
    }
    const accounts = of(file, 'param').find(({ name }) => name === 'modelAccounts')!.value!;
    const deployments = everything(accounts).flatMap((each) => (each.kind === 'object' && each.properties.some(({ key }) => key === 'model') ? [each] : []));
    const allowed = (key: string): readonly (string | undefined)[] => everything(property(shapes.get('modelDeployment'), key)!).map(plain).filter((text) => text !== undefined);
    expect(deployments.length).toBeGreaterThan(1);
    for (const deployment of deployments) {
      expect(deployment.properties.map(({ key }) => key).sort()).toEqual(propertiesIn(shapes.get('modelDeployment')!).map(({ key }) => key).sort());
      expect(allowed('sku')).toContain(plain(property(deployment, 'sku')));
      for (const capability of everything(property(deployment, 'capabilities')!).map(plain).filter((text) => text !== undefined)) expect(allowed('capabilities')).toContain(capability);
    }
  });

  test('says what drives its costs, and asks for nothing that deployment/README.md does not explain', () => {
    expect(source).toMatch(/What it costs in a month, by what drives it/);
    const guide = read('README.md');
    for (const [, variable] of source.matchAll(/readEnvironmentVariable\('(\w+)'/g)) expect(guide).toContain(variable);
  });
});

test('the app is deployed with what main.bicep has said', () => {
  const { parameters } = JSON.parse(read('parley.parameters.json')) as { parameters: Record<string, { value: string }> };
  const params = of(fileOf('parley.bicep'), 'param');
  expect(Object.keys(parameters)).toEqual(params.filter(({ value }) => value === undefined).map(({ name }) => name));
  const outputs = of(main, 'output').map(({ name }) => name);
  for (const { value } of Object.values(parameters)) {
    const variable = /^\$\{(\w+)\}$/.exec(value)?.[1];
    expect([...outputs, 'SERVICE_PARLEY_IMAGE_NAME']).toContain(variable); // the latter is azd's own
  }
});

test('what parley.bicep and appService.bicep read of the plan stands in it', () => {
  const plan = of(main, 'var').find(({ name }) => name === 'plan')!.value!;
  const keys = bodyOf(plan)!.properties.map(({ key }) => key);
  for (const name of ['parley.bicep', 'modules/appService.bicep']) {
    const asked = said(fileOf(name)).flatMap(everything).flatMap((each) => (each.kind === 'member' && each.of.kind === 'name' && each.of.text === 'plan' ? [each.name] : []));
    expect(asked.filter((key) => !keys.includes(key))).toEqual([]);
  }
});

test('every module is used', () => {
  const used = new Set(modules.map(({ file, declaration }) => calledFile(file, declaration)));
  expect(names.filter((name) => name.startsWith('modules/') && !used.has(name))).toEqual([]);
});

test('alerts and the workbook ask for metrics that there are', async () => {
  const metrics = createMetrics();
  metrics.backlog(() => ({ turns: 0, deliveries: 0, oldestAgeMs: 0 }));
  const stop = metrics.watchProcess();
  const known = (await metrics.families()).map(({ name }) => name);
  stop();
  const queries = [...readdirSync('deployment/queries').map((name) => read(`queries/${name}`)), read('workbook.json')];
  const asked = queries.flatMap((query) => [...query.matchAll(/'((?:parley|process|nodejs)_[a-z0-9_]+[a-z0-9])'/g)].map(([, name]) => name));
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !known.includes(name!))).toEqual([]);
});

test('each alert has a query and stands in the runbook', () => {
  const rules = everything(of(fileOf('modules/watch.bicep'), 'var').find(({ name }) => name === 'rules')!.value!).flatMap((each) => (each.kind === 'object' ? [plain(property(each, 'name'))!] : []));
  expect(rules).toEqual(['error-rate', 'backlog-age', 'rate-limited', 'not-delivered', 'silent']);
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  for (const rule of rules) {
    expect(existsSync(`deployment/queries/${rule}.kql`)).toBe(true);
    expect(read(`queries/${rule}.kql`)).toMatch(/\bvalue = /);
    expect(runbook).toMatch(new RegExp(`^## ${rule}$`, 'm'));
  }
});
