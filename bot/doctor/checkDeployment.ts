import { pino } from 'pino';
import type { Asker } from '../../ai/call';
import { capabilities, type Capability } from '../../ai/capability';
import type { Deployment } from '../../ai/deployments';
import { createGateway, type Gateway } from '../../ai/gateway';
import type { Connection, ModelLimits } from '../../ai/openaiConnection';
import type { Config } from '../config';
import { tokensOf } from '../model';
import { explainFailure, type Witness } from './deploymentFailure';
import { isAskedInWords, requests } from './deploymentRequests';
import type { Finding } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

export interface DeploymentCheck {
  readonly name: string;
  readonly look: (signal: AbortSignal) => Promise<Found>;
}

/** No second attempt: what is wrong is to be seen. */
const LIMITS: Partial<ModelLimits> = { deadlineMs: 25_000, firstTokenMs: 20_000, maxRetries: 0, maxWaitMs: 0 };
/** People wait longer for their first word than they like. */
const SLOW_MS = 5_000;

/** One small request of its own kind to each deployment of the table; to one that does several things in words, once. */
export function checkDeployments(config: Pick<Config, 'deployments' | 'azureIdentity' | 'voice'>, limits: Partial<ModelLimits> = {}): readonly DeploymentCheck[] {
  const seen = new Set<string>();
  return capabilities.flatMap((capability) => (config.deployments[capability] ?? []).flatMap((deployment) => {
    const key = JSON.stringify([isAskedInWords(capability) ? 'words' : capability, deployment.place, deployment.api]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ name: `${capability} ${deployment.name}`, look: (signal: AbortSignal) => look(config, capability, deployment, { ...LIMITS, ...limits }, signal) }];
  }));
}

const doctor: Asker = { userKey: 'command-line', tenantKey: '', conversationKey: '', activityId: '' };

async function look(config: Pick<Config, 'azureIdentity' | 'voice'>, capability: Capability, deployment: Deployment, limits: Partial<ModelLimits>, signal: AbortSignal): Promise<Found> {
  const ended = new AbortController();
  const witness: Witness = { connection: undefined, error: undefined };
  const tokenFor = tokensOf(config, { log: pino({ level: 'silent' }), signal: AbortSignal.any([signal, ended.signal]) });
  const gateway = watched(createGateway({ deployments: { [capability]: [deployment] }, tokenFor, limits }), witness);
  const startedAt = performance.now();
  try {
    const { fitsSchema } = await requests[capability](gateway, { asker: doctor }, config.voice, signal);
    const durationMs = performance.now() - startedAt;
    if (fitsSchema === false || isSchemaRefused(capability, witness.connection)) return { code: 'no-schema' };
    return durationMs > SLOW_MS && capability !== 'images' ? { code: 'slow', detail: String(Math.round(durationMs / 1_000)) } : { code: 'ok' };
  } catch (error) {
    return await explainFailure(error, witness, capability, signal);
  } finally {
    ended.abort();
  }
}

const isSchemaRefused = (capability: Capability, connection: Connection | undefined): boolean =>
  isAskedInWords(capability) && connection !== undefined && connection.dialect().jsonFormats[0] !== 'json_schema';

/** The same gateway; what it talked to, and what went wrong there, is seen. */
function watched(gateway: Gateway, witness: Witness): Gateway {
  return {
    ...gateway,
    call: (call, attempt, signal) => gateway.call(call, async function* (connection, watch, note) {
      witness.connection = connection;
      try {
        yield* attempt(connection, watch, note);
      } catch (error) {
        witness.error = error;
        throw error;
      }
    }, signal),
  };
}
