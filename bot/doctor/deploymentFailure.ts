import type { Capability } from '../../ai/capability';
import { AIError } from '../../ai/error';
import type { Connection } from '../../ai/openaiConnection';
import { readFailure } from '../../ai/openaiFailure';
import { TokenError } from '../../ai/tokenCache';
import { isAskedInWords } from './deploymentRequests';
import { networkCode, type Finding, type FindingCode } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

/** What was seen of a request. */
export interface Witness {
  connection: Connection | undefined;
  /** As the SDK threw it. */
  error: unknown;
}

/** What is wrong with a deployment that gave no usable answer. */
export async function explainFailure(error: unknown, { connection, error: seen = error }: Witness, capability: Capability, signal: AbortSignal): Promise<Found> {
  if (isAboutToken(seen)) return { code: 'no-token' };
  const { status, code, isFiltered } = readFailure(seen);
  const detail = [status, code].filter(Boolean).join(' ');
  if (isFiltered) return { code: 'ok' }; // it answers, and its filter works
  if (status !== undefined) return { code: byStatus(status, code), detail };
  if (error instanceof AIError && error.code === 'timeout') return { code: 'timeout', detail: '25' };
  if (!(seen instanceof AIError)) return { code: 'unreachable', detail: networkCode(seen) };
  return { code: connection && isAskedInWords(capability) && (await answersWhole(connection, signal)) ? 'no-streaming' : 'not-understood' };
}

const isAboutToken = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (error instanceof TokenError || ('cause' in error && isAboutToken(error.cause)));

const MISSING = ['DeploymentNotFound', 'model_not_found'];
/** Azure's word for "that is not what this model does"; others say so of the model or in a sentence. */
const WRONG_KIND = ['OperationNotSupported', 'unsupported_model', 'invalid_model'];

function byStatus(status: number, code: string): FindingCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (MISSING.includes(code)) return 'deployment-not-found';
  if (WRONG_KIND.includes(code)) return 'wrong-kind';
  if (status === 404) return 'not-found';
  if (status === 429) return code === 'insufficient_quota' ? 'no-quota' : 'rate-limited';
  return status >= 500 ? 'service-error' : 'refused';
}

/** The same server gives a whole answer where no stream is asked for. */
async function answersWhole(connection: Connection, signal: AbortSignal): Promise<boolean> {
  try {
    const client = await connection.client();
    const answer: unknown = await client.chat.completions.create({ model: connection.modelName, messages: [{ role: 'user', content: 'Say yes.' }] }, { signal });
    return Array.isArray((answer as { readonly choices?: unknown } | null)?.choices); // any JSON, whatever the SDK's type says
  } catch {
    return false;
  }
}
