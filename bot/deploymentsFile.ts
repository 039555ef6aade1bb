import { z } from 'zod';
import { capabilities, type Capability } from '../ai/capability';
import { apis, isHosted, noLimits, usualContextTokens, type Access, type Deployment, type DeploymentTable, type Place } from '../ai/deployments';
import { isPlainText } from './settingChecks';
import { apiVersion, httpUrl } from './settingShapes';

export interface DeploymentsFile {
  readonly deployments: DeploymentTable;
  /** Variables of the environment that hold keys. */
  readonly keyNames: readonly string[];
  /** One sentence each, with the mend; the table is of use only where there is none. */
  readonly problems: readonly string[];
}

/**
 * Reads the table of deployments (docs/models.md has the format): JSON, capability -> deployments. `keyOf` gives the
 * variable of the environment that a deployment names: no key stands in the table. `setting`: where the text comes from.
 */
export function readDeploymentsFile(text: string, keyOf: (name: string) => string | undefined, setting = 'DEPLOYMENTS_FILE'): DeploymentsFile {
  const parsed = fileShape.safeParse(parseJson(text));
  if (!parsed.success) return { deployments: {}, keyNames: [], problems: parsed.error.issues.map((issue) => `${setting}: ${pathOf(issue.path)} ${sentenceOf(issue)}.`) };
  const rows = Object.entries(parsed.data).flatMap(([capability, list]) => list.map((row, index) => ({ ...row, capability, at: `${capability}[${index}]` })));
  const keyNames = rows.flatMap(({ credential }) => (typeof credential === 'object' ? [credential.keyFrom] : []));
  const problems = [...(parsed.data.chat ? [] : ['chat is missing. Set a deployment that chats: the others stand beside it']), ...rows.flatMap((row) => problemsOf(row, keyOf)), ...repeatedNames(rows)];
  const deployments = Object.fromEntries(Object.entries(parsed.data).map(([capability, list]) => [capability, list.map((row) => toDeployment(row, keyOf))]));
  return { deployments: problems.length > 0 ? {} : deployments, keyNames, problems: problems.map((problem) => `${setting}: ${problem}.`) };
}

const text = (sentence: string): z.ZodString => z.string({ error: sentence }).min(1, sentence);
const name = text('must be a name such as gpt-east').regex(/^[\w.-]{1,60}$/, 'must be a name of letters, digits, dots and hyphens, such as gpt-east');
const positive = z.number({ error: 'must be a number' }).positive('must be more than 0');
const variable = text('must be the name of a variable such as OPENAI_KEY_EAST').regex(/^\w+$/, 'must be the name of a variable such as OPENAI_KEY_EAST');

const CREDENTIAL = 'must be "entra", "none", or {"keyFrom": "NAME_OF_A_VARIABLE"}';

const rowShape = z.strictObject({
  name: name.optional(),
  endpoint: httpUrl.optional(),
  deployment: text('must be the name of a deployment').optional(),
  apiVersion: apiVersion.optional(),
  baseUrl: httpUrl.optional(),
  model: text('must be the name of a model').optional(),
  region: name.optional(),
  api: z.enum(apis, { error: `must be one of ${apis.join(', ')}` }).default('chat-completions'),
  credential: z.union([z.literal(['entra', 'none']), z.strictObject({ keyFrom: variable })], { error: CREDENTIAL }).optional(),
  contextTokens: z.number({ error: 'must be a number' }).int('must be a whole number').min(2_000, 'must be 2000 or more').optional(),
  limits: z.strictObject({ requestsPerMinute: positive.optional(), tokensPerMinute: positive.optional(), concurrent: positive.optional() }, { error: 'must be limits such as {"requestsPerMinute": 300}' }).default({}),
  startsWithinSeconds: z.number({ error: 'must be a number' }).min(1, 'must be 1 to 30').max(30, 'must be 1 to 30').optional(),
  priority: z.number({ error: 'must be a number' }).min(0, 'must be 0 or more').default(1),
  weight: positive.default(1),
});
type Row = z.infer<typeof rowShape>;

const LIST = 'must be a list of deployments, with one at least';
const fileShape = z.partialRecord(z.enum(capabilities), z.array(rowShape, { error: LIST }).min(1, LIST), { error: 'must be an object of lists' });

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const pathOf = (path: readonly PropertyKey[]): string =>
  (path.length === 0 ? 'the file' : path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').slice(1));

function sentenceOf(issue: z.core.$ZodIssue): string {
  const isRoot = issue.path.length === 0;
  if (issue.code === 'unrecognized_keys' && isRoot) return `must not have ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}: the lists are ${capabilities.join(', ')}`;
  if (issue.code === 'unrecognized_keys') return `must not have ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}: no deployment has it. Keys stay in the environment: set credential to {"keyFrom": "NAME_OF_A_VARIABLE"}`;
  return isRoot ? 'must be JSON: an object with a list of deployments for each capability' : issue.message;
}

interface PlacedRow extends Row {
  readonly at: string;
  readonly capability: string;
}

/** What fits no other field of the row. */
function problemsOf(row: PlacedRow, keyOf: (name: string) => string | undefined): string[] {
  const { at, endpoint, deployment, baseUrl, model, credential } = row;
  const [isAzure, isOpenAI] = [endpoint ?? deployment, baseUrl ?? model].map((given) => given !== undefined);
  if (isAzure === isOpenAI) return [`${at} must have endpoint and deployment (Azure OpenAI), or model and, for a compatible server, baseUrl`];
  if (isAzure && !endpoint) return [`${at}.endpoint is missing. Set the address of the resource, such as https://NAME.openai.azure.com`];
  if (isAzure && !deployment) return [`${at}.deployment is missing. Set the name of the deployment`];
  if (isOpenAI && !model) return [`${at}.model is missing. Set the name of the model`];
  const problems: string[] = [];
  if (typeof credential === 'object' && !keyOf(credential.keyFrom)) problems.push(`${at}.credential names ${credential.keyFrom}, which is not set. Set it to the key`);
  if (isOpenAI && credential === 'entra') problems.push(`${at}.credential must be "none" or {"keyFrom": "NAME_OF_A_VARIABLE"}: Entra ID is for Azure OpenAI`);
  if (isAzure && credential === 'none') problems.push(`${at}.credential ${CREDENTIAL.replace('"none", ', '')}: Azure OpenAI lets nobody in without`);
  if (isOpenAI && isHosted(placeOf(row)) && typeof credential !== 'object') problems.push(`${at}.credential must be {"keyFrom": "NAME_OF_A_VARIABLE"}: OpenAI lets nobody in without a key`);
  if (isPlainText(endpoint) || (isPlainText(baseUrl) && typeof credential === 'object')) problems.push(`${at} must begin its address with https://: the key would travel in the clear`);
  if (row.api !== 'chat-completions' && !chats.includes(row.capability)) problems.push(`${at}.api must be left out: it is for ${chats.join(', ')}`);
  return problems;
}

const chats: readonly string[] = ['chat', 'code', 'summarize', 'translate'] satisfies readonly Capability[];

function repeatedNames(rows: readonly PlacedRow[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const key = `${row.capability} ${nameOf(row)}`;
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated ? [`${row.at} must have a name of its own: another of ${row.capability} is called ${nameOf(row)}`] : [];
  });
}

const nameOf = ({ name: given, deployment, model, region }: Row): string => given ?? [deployment ?? model ?? '', region].filter(Boolean).join('-');

const placeOf = ({ endpoint, deployment, apiVersion: version = 'v1', baseUrl, model }: Row): Place =>
  (endpoint === undefined ? { kind: 'openai', model: model ?? '', ...(baseUrl !== undefined && { baseUrl }) } : { kind: 'azure', endpoint, deployment: deployment ?? '', apiVersion: version });

function toDeployment(row: Row, keyOf: (name: string) => string | undefined): Deployment {
  const place = placeOf(row);
  const contextTokens = row.contextTokens ?? usualContextTokens(place);
  const { requestsPerMinute, tokensPerMinute, concurrent } = row.limits;
  return {
    name: nameOf(row),
    place,
    access: accessOf(row, place, keyOf),
    api: row.api,
    ...(row.region !== undefined && { region: row.region }),
    ...(contextTokens !== undefined && { contextTokens }),
    ...(row.startsWithinSeconds !== undefined && { startsWithinMs: row.startsWithinSeconds * 1_000 }),
    limits: {
      requestsPerMinute: requestsPerMinute ?? noLimits.requestsPerMinute,
      tokensPerMinute: tokensPerMinute ?? noLimits.tokensPerMinute,
      concurrent: concurrent ?? noLimits.concurrent,
    },
    priority: row.priority,
    weight: row.weight,
  };
}

/** Entra ID first: a key only where one is named. */
function accessOf({ credential }: Row, place: Place, keyOf: (name: string) => string | undefined): Access {
  if (typeof credential === 'object') return { kind: 'key', key: keyOf(credential.keyFrom) ?? '' };
  return { kind: place.kind === 'azure' ? 'entra' : 'none' };
}
