import { createTokenProvider, scopeOf } from '../ai/credential';
import type { Deployment } from '../ai/deployments';
import { createFineTuning, FineTuningError, type FineTuning } from '../ai/fineTuning';
import { loadConfig, type Config } from '../bot/config';
import type { Words } from '../cards/words';
import type { Terminal } from './command';
import { CommandError } from './command';
import { inertText } from './inertText';

export interface TuningService {
  /** Where it is done, and with whose key. */
  readonly deployment: Deployment;
  readonly tuning: FineTuning;
}

/**
 * Works with the service of a deployment in the table: the one that is named, or the first that chats. Throws CommandError
 * where there is none, and says what the service said.
 */
export async function withTuning<T>({ env, words }: Terminal, name: string | undefined, work: (service: TuningService) => Promise<T>): Promise<T> {
  const config = loadConfig(env);
  const deployment = deploymentOf(config, name, words);
  const ended = new AbortController();
  try {
    const token = deployment.access.kind === 'entra' && deployment.place.kind === 'azure' ? createTokenProvider(config.azureIdentity, scopeOf(deployment.place), { signal: ended.signal }) : undefined;
    return await work({ deployment, tuning: createFineTuning(deployment, token) });
  } catch (error) {
    if (error instanceof FineTuningError) throw new CommandError(words.cli.finetune.service[error.code](inertText(error.message)), 1, { cause: error });
    throw error;
  } finally {
    ended.abort();
  }
}

function deploymentOf({ deployments }: Config, name: string | undefined, { cli }: Words): Deployment {
  const all = Object.values(deployments).flat();
  const found = name === undefined ? deployments.chat?.[0] : all.find((deployment) => deployment.name === name);
  if (found) return found;
  throw new CommandError(name === undefined ? cli.finetune.noService : cli.finetune.noDeployment(name, [...new Set(all.map((deployment) => deployment.name))].join(', ')), name === undefined ? 1 : 2);
}
