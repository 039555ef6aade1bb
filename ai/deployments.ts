import type { Capability } from './capability';

/** How a deployment is spoken to. */
export const apis = ['chat-completions', 'responses', 'completions'] as const;
export type Api = (typeof apis)[number];

/** Where a model is. */
export type Place =
  /** `endpoint`: `https://NAME.openai.azure.com`, or a gateway before it. `apiVersion`: `v1`, `preview` (of v1), or a date such as `2024-10-21`. */
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly apiVersion: string }
  /** OpenAI itself, or a compatible server. */
  | { readonly kind: 'openai'; readonly baseUrl?: string; readonly model: string };

/** `entra`: a token of the process's own identity. `none`: local servers take any key. */
export type Access = { readonly kind: 'entra' } | { readonly kind: 'key'; readonly key: string } | { readonly kind: 'none' };

/** What may go to a deployment; Infinity: no limit that we know of. */
export interface DeploymentLimits {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** Requests at once. */
  readonly concurrent: number;
}

/** One deployment or model that can be asked. */
export interface Deployment {
  /** As reports and logs name it; unique among those of a capability. */
  readonly name: string;
  readonly region?: string;
  readonly place: Place;
  readonly access: Access;
  readonly api: Api;
  /** Of question and answer together; undefined: as much as hosted models take. */
  readonly contextTokens?: number;
  readonly limits: DeploymentLimits;
  /** Until it takes a request at all, while another could do it; for those that think before they answer. */
  readonly startsWithinMs?: number;
  /** Lower ones are asked first: provisioned capacity, then regions. */
  readonly priority: number;
  /** Share of the requests among those of one priority. */
  readonly weight: number;
}

/** What is not named is not offered, unless `chat` stands in for it. Empty: no model at all. */
export type DeploymentTable = Partial<Readonly<Record<Capability, readonly Deployment[]>>>;

/** A model that chats does these too. */
const doneByChat: readonly Capability[] = ['code', 'summarize', 'translate'];

/** Who does `capability`; empty where it is not offered. */
export const targetsFor = <Target>(table: Partial<Readonly<Record<Capability, readonly Target[]>>>, capability: Capability): readonly Target[] =>
  table[capability] ?? (doneByChat.includes(capability) ? (table.chat ?? []) : []);

const OPENAI_HOST = 'api.openai.com';

/** Ollama reads no more unless it is told to, and leaves out what is longer without a word (offline: `OLLAMA_CONTEXT_LENGTH`). */
const LOCAL_CONTEXT_TOKENS = 4_096;

/** OpenAI's own service, or Microsoft's; a compatible server may be set to far less than models can do. */
export const isHosted = (place: Place): boolean => place.kind === 'azure' || place.baseUrl === undefined || new URL(place.baseUrl).hostname === OPENAI_HOST;

/** What a deployment takes where nobody says; undefined: as much as hosted models do. */
export const usualContextTokens = (place: Place): number | undefined => (isHosted(place) ? undefined : LOCAL_CONTEXT_TOKENS);

export const noLimits: DeploymentLimits = { requestsPerMinute: Number.POSITIVE_INFINITY, tokensPerMinute: Number.POSITIVE_INFINITY, concurrent: Number.POSITIVE_INFINITY };
