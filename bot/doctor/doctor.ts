import type { ModelLimits } from '../../ai/openaiConnection';
import type { IdentityEdges } from '../channelAccess';
import { ConfigError, loadConfig, type Config, type Environment } from '../config';
import { checkBot } from './checkBot';
import { checkDeployments } from './checkDeployment';
import { checkEndpoint } from './checkEndpoint';
import { checkStore } from './checkStore';
import { checkWebChat } from './checkWebChat';
import type { Area, Finding } from './finding';

export interface DoctorOptions {
  /** Where Entra ID is, in tests. */
  readonly edges?: Pick<IdentityEdges, 'authorityUrl'>;
  readonly modelLimits?: Partial<ModelLimits>;
  /** Of one look at one thing. */
  readonly limitMs?: number;
}

const LIMIT_MS = 30_000;

/** Looks at everything that the settings name, all at once, and says what it found. Throws nothing; changes nothing. */
export async function examine(env: Environment, { edges = {}, modelLimits, limitMs = LIMIT_MS }: DoctorOptions = {}): Promise<readonly Finding[]> {
  const read = readSettings(env);
  if (!read.config) return read.findings;
  const { config } = read;
  const within = (area: Area, name: string, look: (signal: AbortSignal) => Promise<Omit<Finding, 'area' | 'name'>>): Promise<Finding> => timed({ area, name, limitMs }, look);
  const deployments = checkDeployments(config, modelLimits).map(({ name, look }) => within('deployment', name, look));
  const found = await Promise.all([
    within('store', '', (signal) => checkStore(config, signal)),
    ...(deployments.length > 0 ? deployments : [Promise.resolve<Finding>({ area: 'deployment', name: '', code: 'none' })]),
    within('bot', '', (signal) => checkBot(config, edges.authorityUrl, signal)),
    within('endpoint', '', (signal) => checkEndpoint(config, signal)),
    within('web-chat', '', async () => checkWebChat(config)),
  ]);
  return [...read.findings, ...found];
}

function readSettings(env: Environment): { readonly config: Config | undefined; readonly findings: readonly Finding[] } {
  const finding = (code: Finding['code'], detail?: string): Finding => ({ area: 'settings', name: '', code, ...(detail !== undefined && { detail }) });
  try {
    const config = loadConfig(env);
    return { config, findings: config.warnings.length === 0 ? [finding('ok')] : config.warnings.map((warning) => finding('setting-odd', warning)) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: undefined, findings: error.problems.map((problem) => finding('setting', problem)) };
  }
}

/** What hangs is given up: it must not keep the rest from being told. */
async function timed({ area, name, limitMs }: { readonly area: Area; readonly name: string; readonly limitMs: number }, look: (signal: AbortSignal) => Promise<Omit<Finding, 'area' | 'name'>>): Promise<Finding> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  const late = new Promise<Omit<Finding, 'area' | 'name'>>((resolve) => signal.addEventListener('abort', () => resolve({ code: 'timeout', detail: String(Math.round(limitMs / 1_000)) }), { once: true }));
  const found = await Promise.race([look(signal), late]);
  return { area, name, durationMs: Math.round(performance.now() - startedAt), ...found };
}
